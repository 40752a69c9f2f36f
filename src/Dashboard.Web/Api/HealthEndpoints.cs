using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;
using Dashboard.Web.Hosting;

namespace Dashboard.Web.Api;

/// <summary>Whether the dashboard lives and can work, for machines; and the last health run, for those who may read it.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet(Urls.Live, Live);
        app.MapGet(Urls.Ready, ReadyAsync);
        app.MapGet(Urls.HealthExport, OfDatabaseAsync);
        app.MapGet(Urls.InstallationHealthExport, OfInstallationAsync);
    }

    /// <summary>Asks nothing of anybody: a process that answers lives, whatever is wrong around it.</summary>
    private static IResult Live(HttpContext context) => Send(context, new { live = true });

    /// <summary>503 while the store or a folder can't be used. Says which, and nothing else: no path, no name, no reason.</summary>
    private static async Task<IResult> ReadyAsync(ReadReadiness readiness, HttpContext context, CancellationToken cancellationToken)
    {
        var found = await readiness.ReadAsync(cancellationToken);
        return Send(context, new { ready = found.IsReady, store = found.Store, folders = found.Folders, backup_folders = found.BackupFolders }, found.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> OfDatabaseAsync(string slug, ReadFleet fleet, ReadHealth health, Viewer viewer, TimeProvider time, HttpContext context, CancellationToken cancellationToken) =>
        await fleet.FindAsync(viewer.Actor, slug, cancellationToken) is { Database: var database }
            ? await OfAsync(database, health, viewer, time, context, cancellationToken)
            : Results.Problem($"No database is registered under “{slug}”.", statusCode: StatusCodes.Status404NotFound);

    private static Task<IResult> OfInstallationAsync(ReadHealth health, Viewer viewer, TimeProvider time, HttpContext context, CancellationToken cancellationToken) =>
        OfAsync(null, health, viewer, time, context, cancellationToken);

    private static async Task<IResult> OfAsync(Database? database, ReadHealth health, Viewer viewer, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var overview = await health.ReadAsync(viewer.Actor, database, cancellationToken);
        return Send(context, new
        {
            subject = database?.Slug ?? "installation",
            at = overview.Last?.At,
            verdict = overview.Last is { } last ? Word(last.Verdict) : "none",
            sentence = overview.Last?.Sentence,
            stale = overview.IsStaleAt(time.GetUtcNow()),
            passed = overview.Last?.Passed,
            total = overview.Last?.Total,
            critical_passed = overview.Last?.CriticalPassed,
            critical_total = overview.Last?.CriticalTotal,
            checks = overview.Lines.Where(line => line.Last is not null).Select(line => new
            {
                key = line.Check.Key,
                title = line.Last!.Title,
                verdict = Word(line.Last.Verdict),
                critical = line.Last.IsCritical,
                since = line.Last.Since,
                evidence = line.Last.Evidence,
                next_step = line.Last.NextStep,
                took_ms = line.Last.TookMilliseconds,
            }),
        });
    }

    private static IResult Send(HttpContext context, object value, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(value, statusCode: status);
    }

    /// <summary>Stable words for machines.</summary>
    private static string Word(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Pass => "pass",
        HealthVerdict.Expected => "expected_down",
        HealthVerdict.Warn => "warn",
        HealthVerdict.Fail => "fail",
        _ => "unknown",
    };
}
