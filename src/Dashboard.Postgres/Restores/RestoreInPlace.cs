using System.Diagnostics;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// Where no database may be made beside: the objects of the archive are replaced in the live database, in one transaction. It happens whole or not at all,
/// but nothing is kept of before, and what the archive does not know stays as it is.
/// </summary>
internal sealed class RestoreInPlace(PostgresLocation at, RestoreWork work, Watching watching, FindTools tools, RunProgress progress)
{
    /// <summary>How long it waits for a table that somebody else holds: what it has replaced already stays locked meanwhile, and everybody stands behind it.</summary>
    private static readonly TimeSpan GiveWay = TimeSpan.FromSeconds(5);

    public async Task<RestoreResult> RunAsync(CancellationToken cancellationToken)
    {
        await DemandNoSubscriptionAsync(cancellationToken);
        var application = ToolTarget.NewApplication("restore");
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        var mark = await watching.AskAsync(at, connection => InPlaceMark.OfAsync(connection, application, work.Rows, cancellationToken), cancellationToken);
        await work.CheckpointAsync(mark.ToJson());
        progress.Phase("Restoring in place");
        var began = Stopwatch.GetTimestamp();
        var file = work.Content.Name;
        var subscriptions = await Subscriptions.InArchiveAsync(file, tools.Newest(), cancellationToken);
        var leaveOut = await FindLeftOutAsync(file, cancellationToken);
        using var tool = RunTool.Start(
            tools.Newest(),
            "pg_restore",
            ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error", "--verbose", "--no-subscriptions", .. await leaveOut.ArgumentsAsync(file, tools.Newest(), cancellationToken), file],
            new ToolTarget(at, at.Database, password, application),
            file + ".pass");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(application, stop.Token);
        try
        {
            // The watch ends before the tool only to say that it waits.
            await await Task.WhenAny(tool.Process.WaitForExitAsync(cancellationToken), watch);
            if (await tool.WaitAsync(cancellationToken) != 0 || tool.Errors.Count > 0)
            {
                throw new DatabaseException($"pg_restore stopped, and its transaction was taken back: {tool.Fault.Trim()}", "Nothing was changed. Give this login what the plan says is missing.");
            }
        }
        catch
        {
            tool.Dispose();
            await Sessions.EndAsync(at, application, watching);
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new RestoreResult(Stopwatch.GetElapsedTime(began), null, [FillDatabase.LeftOut(at.User), .. leaveOut.Words, .. subscriptions.Select(name => Subscriptions.LeftOut(name, at.User)), .. tool.Warnings]);
    }

    /// <summary>A table that is replaced leaves its subscription: what is published to it would be taken and thrown away.</summary>
    private async Task DemandNoSubscriptionAsync(CancellationToken cancellationToken)
    {
        var subscriptions = await watching.AskServerAsync(at, connection => Subscriptions.ReadAsync(connection, at.Database, cancellationToken), cancellationToken);
        if (Subscriptions.BlockInPlace(at, subscriptions) is { } blocker)
        {
            throw new DatabaseException(blocker.Problem, blocker.NextStep);
        }
    }

    /// <summary>Extensions that are there stay: they are others' to drop, and what is restored finds them.</summary>
    private async Task<LeaveOut> FindLeftOutAsync(string file, CancellationToken cancellationToken)
    {
        var there = await watching.AskAsync(at, connection => connection.ListAsync("SELECT extname::text FROM pg_extension", reader => reader.GetString(0), cancellationToken), cancellationToken);
        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        var gaps = await LeaveOut.OfAsync(maintenance, at, file, work.LeavesOut, tools, cancellationToken, there);
        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var entries = await ReadEntries.RunAsync(content, tools, cancellationToken);
        return gaps.Keeping(entries.Where(entry => entry.Kind == "EXTENSION" && there.Contains(entry.Name)).Select(entry => entry.Id).ToHashSet());
    }

    /// <exception cref="DatabaseBusyException">When the restore must give way.</exception>
    private Task WatchAsync(string application, CancellationToken stop) => WatchTool.RunAsync(async () =>
    {
        var holders = await watching.AskServerAsync(at, connection => connection.ListAsync(
            """
            SELECT coalesce(nullif(h.application_name, ''), h.usename::text, 'a session') || ' (pid ' || h.pid || ')'
            FROM pg_stat_activity ours CROSS JOIN LATERAL unnest(pg_blocking_pids(ours.pid)) AS blocking JOIN pg_stat_activity h ON h.pid = blocking
            WHERE ours.application_name = $1 AND ours.wait_event_type = 'Lock' AND ours.query_start < now() - make_interval(secs => $2)
            """,
            reader => reader.GetString(0),
            stop,
            application,
            GiveWay.TotalSeconds), stop);
        if (holders.Count > 0)
        {
            throw new DatabaseBusyException(
                $"The restore gave way: {holders[0]} has held a table locked that is to be replaced, for {GiveWay.TotalSeconds:0} seconds, and everybody else waited too. Nothing was changed.",
                "Restore again when that session is done, or end it.");
        }
    }, watching.Time, stop);
}
