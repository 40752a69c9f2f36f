using Dashboard.Core.Access;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Jobs;

/// <summary>Stops a run. At once for the person who asked; the run itself cleans up first.</summary>
public sealed class CancelRun(IDbContextFactory<DashboardStore> stores, RunningJobs running, JobFeed feed, TimeProvider time)
{
    /// <summary>Returns a sentence when the run can no longer be cancelled, otherwise null.</summary>
    public async Task<string?> CancelAsync(Actor actor, Guid runId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var run = await store.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == runId, cancellationToken);
        if (run is null)
        {
            return "There is no such run.";
        }

        Permit.Demand(actor, Verb.CancelRun, run.Subject);

        var unstarted = await store.Runs.Where(row => row.Id == runId && row.State == RunState.Queued).ExecuteUpdateAsync(
            row => row.SetProperty(r => r.State, RunState.Cancelled).SetProperty(r => r.EndedAt, time.GetUtcNow()).SetProperty(r => r.Summary, $"Cancelled by {actor.Name} before it began."),
            cancellationToken);
        if (unstarted == 1)
        {
            feed.End(runId);
            return null;
        }

        if (feed.Find(runId) is { CanCancel: false } live)
        {
            running.TellLate(runId, actor.Name);
            return CancelWords.CannotStop(run.Job, live.Phase);
        }

        // A run that was claimed a moment ago, or runs in another process, hears of it with its next heartbeat.
        var asked = await store.Runs.Where(row => row.Id == runId && row.State == RunState.Running).ExecuteUpdateAsync(row => row.SetProperty(r => r.State, RunState.Cancelling), cancellationToken);
        return running.Cancel(runId, actor.Name) || asked == 1 ? null : "The run has ended already.";
    }
}
