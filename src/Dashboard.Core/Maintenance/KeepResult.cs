using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <summary>Measures a database before and after what is done to it, and keeps that with the result.</summary>
internal sealed class KeepResult(IDbContextFactory<DashboardStore> stores, TimeProvider time)
{
    /// <param name="task">Key under which the result is kept.</param>
    /// <param name="title">For the run's log.</param>
    public async Task<(MaintenanceResult Result, MaintenanceRecord Record)> OfAsync(
        RunContext context, Database database, IMaintained engine, string task, string title, Func<Task<MaintenanceResult>> act, CancellationToken cancellationToken)
    {
        var before = await engine.MeasureAsync(database.Location, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        var result = await act();
        var took = Stopwatch.GetElapsedTime(began);

        // From here on it has happened, whoever wants to stop.
        var after = await engine.MeasureAsync(database.Location, CancellationToken.None);
        context.Progress.Log($"{title}: {result.Sentence}");
        if (result.Problem is not null)
        {
            context.Progress.Warn(result.Problem);
        }

        var now = time.GetUtcNow();
        var record = new MaintenanceRecord
        {
            Id = Guid.CreateVersion7(now),
            DatabaseId = database.Id,
            RunId = context.Run.Id,
            Task = task,
            At = now,
            TookMilliseconds = (long)took.TotalMilliseconds,
            SizeBefore = before.SizeBytes,
            SizeAfter = after.SizeBytes,
            FreeBefore = before.FreeBytes,
            FreeAfter = after.FreeBytes,
            DeadBefore = before.DeadRows,
            DeadAfter = after.DeadRows,
            Sentence = result.Sentence,
            Problem = result.Problem,
            Findings = result.Findings.Count == 0 ? null : string.Join('\n', result.Findings),
        };
        await using var store = await stores.CreateDbContextAsync(CancellationToken.None);
        store.Maintenance.Add(record);
        await store.SaveChangesAsync(CancellationToken.None);
        return (result, record);
    }

    public static RunOutcome Outcome(MaintenanceResult result) => result switch
    {
        { Problem: null } => RunOutcome.Succeeded(result.Sentence),
        { IsDamage: true } => new RunOutcome(RunState.Failed, result.Sentence, result.ProblemInFull, result.NextStep),
        _ => RunOutcome.WithWarnings(result.Sentence, result.ProblemInFull!, result.NextStep),
    };
}
