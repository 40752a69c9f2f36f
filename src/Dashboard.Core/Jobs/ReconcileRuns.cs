using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Dashboard.Core.Jobs;

/// <summary>
/// At start: compares every run that a dead process left open with what is really there, and closes it.
/// The lock of the data folder proves that this process is alone, so no lease is waited for.
/// </summary>
internal sealed class ReconcileRuns(IDbContextFactory<DashboardStore> stores, JobCatalog jobs, JobFeed feed, TimeProvider time, ILogger<ReconcileRuns> logger) : IBeforeWork
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var open = await store.Runs.AsNoTracking().Where(run => run.State < RunState.Succeeded).OrderBy(run => run.QueuedAt).ToListAsync(cancellationToken);
        foreach (var run in open)
        {
            if (run.State == RunState.Queued && (!run.Writes || feed.IsRequestedHere(run.Id)))
            {
                // It has touched nothing and reads only, or was asked for since the start: it simply runs now.
                continue;
            }

            var recorder = new RunRecorder(run.Id, new LiveRun(run.Id, run.Job, run.Job, run.Subject, run.AskedBy, run.State, "", null, 0, null, null, null, false, run.Writes, null), new JobFeed(), time);
            var outcome = await LookAsync(run, recorder, cancellationToken);
            recorder.Log(outcome.Summary);
            await JobRunner.CloseAsync(store, run, recorder, outcome, time.GetUtcNow());
            await EndOpenPhasesAsync(store, run, cancellationToken);
            JobLog.Reconciled(logger, run.Id, run.Job, outcome.State, outcome.Summary);
        }

        if (open.Count > 0)
        {
            feed.Changed();
        }
    }

    private async Task<RunOutcome> LookAsync(Run run, RunRecorder recorder, CancellationToken cancellationToken)
    {
        if (run.State == RunState.Queued)
        {
            // A restore is never begun by a start: the person who asked may have gone another way since.
            return RunOutcome.Interrupted("Not started: the dashboard stopped first. Nothing was changed.", "The dashboard stopped before this began.", "Ask for it again if it is still wanted.");
        }

        try
        {
            return await jobs.For(run.Job).ReconcileAsync(
                new RunContext(run, recorder, async checkpoint =>
                {
                    await using var store = await stores.CreateDbContextAsync(cancellationToken);
                    await store.Runs.Where(row => row.Id == run.Id).ExecuteUpdateAsync(row => row.SetProperty(r => r.Checkpoint, checkpoint), cancellationToken);
                }),
                cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            JobLog.CouldNotReconcile(logger, run.Id, fault);
            var (problem, nextStep) = FaultWords.Of(fault);
            return RunOutcome.Interrupted("The dashboard was stopped while this ran, and what it left could not be looked at.", problem, nextStep);
        }
    }

    private async Task EndOpenPhasesAsync(DashboardStore store, Run run, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await store.RunPhases.Where(phase => phase.RunId == run.Id && phase.EndedAt == null).ExecuteUpdateAsync(phase => phase.SetProperty(p => p.EndedAt, now), cancellationToken);
    }
}
