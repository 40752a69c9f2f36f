using Dashboard.Core.Configuration;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Jobs;

/// <summary>
/// The bounded pool. Claims queued runs in the order of their due times, keeps each one's lease, and closes it whatever happens.
/// </summary>
internal sealed class JobRunner(
    IDbContextFactory<DashboardStore> stores,
    JobCatalog jobs,
    JobFeed feed,
    RunningJobs running,
    IEnumerable<IBeforeWork> before,
    IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<JobRunner> logger) : BackgroundService
{
    /// <summary>A run whose owner could not say so for this long belongs to nobody (SAFETY: lease 30 s, heartbeat 5 s).</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var step in before)
            {
                await step.PrepareAsync(stoppingToken);
            }

            await Task.WhenAll(Enumerable.Range(0, options.Value.Workers).Select(_ => WorkAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var seen = feed.Snapshot().Version;
                while (await ClaimAsync(stopping) is { } run)
                {
                    await RunOneAsync(run, stopping);
                    seen = feed.Snapshot().Version;
                }

                await WaitForWorkAsync(seen, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // A store that can't be reached now may be there in a moment; the pool itself must never die.
                JobLog.PoolFaulted(logger, fault);
                await Task.Delay(Poll, time, stopping);
            }
        }
    }

    /// <summary>
    /// The feed rings for every run that is asked for here; the poll finds what another process asked for.
    /// Only a change since the last look counts, for a run in the feed that can't be claimed would be looked at without end.
    /// </summary>
    private async Task WaitForWorkAsync(long seen, CancellationToken stopping)
    {
        using var poll = new CancellationTokenSource(Poll, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stopping, poll.Token);
        try
        {
            await foreach (var snapshot in feed.WatchAsync(TimeSpan.FromMilliseconds(100), enough.Token))
            {
                if (snapshot.Version != seen && snapshot.Runs.Any(run => run.State == RunState.Queued))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
        }
    }

    private async Task<Run?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var store = await stores.CreateDbContextAsync(cancellationToken);

        // Queued is asked for: a due time ahead of now only says that the clock was set back since.
        var next = await store.Runs.AsNoTracking()
            .Where(run => run.State == RunState.Queued)
            .OrderBy(run => run.DueAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (next is null)
        {
            return null;
        }

        // Whoever changes the row first has it; the other worker, or instance, changes none.
        var claimed = await store.Runs
            .Where(run => run.Id == next.Id && run.State == RunState.Queued && run.Epoch == next.Epoch)
            .ExecuteUpdateAsync(
                run => run.SetProperty(r => r.State, RunState.Running)
                    .SetProperty(r => r.Owner, _owner)
                    .SetProperty(r => r.Epoch, next.Epoch + 1)
                    .SetProperty(r => r.StartedAt, now)
                    .SetProperty(r => r.LeaseUntil, now + Lease),
                cancellationToken);
        if (claimed != 1)
        {
            return null;
        }

        // Not read again: from here on nothing may fail before somebody is there to close it.
        next.State = RunState.Running;
        next.Owner = _owner;
        next.Epoch++;
        next.StartedAt = now;
        next.LeaseUntil = now + Lease;
        return next;
    }

    private async Task RunOneAsync(Run run, CancellationToken stopping)
    {
        using var scope = JobLog.Of(logger, run.Id);
        var title = await TitleAsync(run);
        var recorder = new RunRecorder(run.Id, new LiveRun(run.Id, run.Job, title, run.Subject, run.AskedBy, RunState.Running, "Starting", null, 0, null, null, null, true, run.Writes, run.StartedAt), feed, time);
        var entry = running.Add(run.Id, recorder, stopping);
        feed.Begin(recorder.Live);
        JobLog.Started(logger, title, run.Id, run.AskedBy);

        RunOutcome outcome;
        using (var beating = new CancellationTokenSource())
        {
            var heart = BeatAsync(run, entry, beating.Token);
            try
            {
                var context = new RunContext(run, recorder, checkpoint => CheckpointAsync(run, checkpoint));
                outcome = await jobs.For(run.Job).RunAsync(context, entry.Stop.Token);
            }
            catch (OperationCanceledException stopped) when (entry.CancelledBy is not null)
            {
                outcome = new RunOutcome(RunState.Cancelled, $"Cancelled by {entry.CancelledBy}. {Kept(stopped)}");
            }
            catch (OperationCanceledException stopped) when (stopping.IsCancellationRequested)
            {
                outcome = RunOutcome.Interrupted($"Stopped with the dashboard. {Kept(stopped)}", "The dashboard was shut down while this ran.", "Start it again.");
            }
            catch (Exception fault)
            {
                outcome = Failure(fault, recorder);
                JobLog.Failed(logger, title, run.Id, fault);
            }

            await beating.CancelAsync();
            await heart;
        }

        outcome = TellLateCancel(entry, outcome);
        recorder.Finish();
        await CloseAsync(run, recorder, outcome, stopping);
        running.Remove(run.Id);
        feed.End(run.Id);
        JobLog.Ended(logger, title, run.Id, outcome.State);
    }

    /// <summary>Whoever cancelled a run that went on to its end reads so in its log and in its result.</summary>
    private static RunOutcome TellLateCancel(RunningJobs.Entry entry, RunOutcome outcome)
    {
        if (entry.CancelledBy is { } by && outcome.State != RunState.Cancelled)
        {
            entry.Recorder.Log(CancelWords.Missed(by, entry.CancelledIn ?? entry.Recorder.Live.Phase));
            return outcome with { Summary = $"{outcome.Summary} {CancelWords.OfResult(by)}".TrimStart() };
        }

        return entry.LateBy.IsEmpty ? outcome : outcome with { Summary = $"{outcome.Summary} {CancelWords.OfResult(string.Join(" and ", entry.LateBy.Keys.Order()))}".TrimStart() };
    }

    private static string Kept(OperationCanceledException stopped) => stopped is PartlyDoneException partly ? partly.Message : "Nothing was changed.";

    private static RunOutcome Failure(Exception fault, RunRecorder recorder)
    {
        var (problem, nextStep) = FaultWords.Of(fault);
        recorder.Log(problem, LineLevel.Error);
        return new RunOutcome(RunState.Failed, "Failed. " + problem, problem, nextStep);
    }

    private async Task CheckpointAsync(Run run, string checkpoint)
    {
        await using var store = await stores.CreateDbContextAsync();
        var changed = await store.Runs.Where(row => row.Id == run.Id && row.Epoch == run.Epoch).ExecuteUpdateAsync(row => row.SetProperty(r => r.Checkpoint, checkpoint));
        if (changed != 1)
        {
            throw new InvalidOperationException("This run was taken over by another process; it stops here.");
        }
    }

    /// <summary>Renews the lease, stores what was reported, and hears of a cancel that another process asked for.</summary>
    private async Task BeatAsync(Run run, RunningJobs.Entry entry, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Heartbeat, time, ended);
                await using var store = await stores.CreateDbContextAsync(ended);
                feed.Progress(entry.Recorder.Live);
                if (await StoreAsync(store, entry.Recorder))
                {
                    // Rung once they can be read, not when they were said.
                    feed.Changed();
                }

                var until = time.GetUtcNow() + Lease;
                await store.Runs.Where(row => row.Id == run.Id && row.Epoch == run.Epoch).ExecuteUpdateAsync(row => row.SetProperty(r => r.LeaseUntil, until), ended);
                if (entry.CancelledBy is null && await store.Runs.AnyAsync(row => row.Id == run.Id && row.State == RunState.Cancelling, ended))
                {
                    running.Cancel(run.Id, "another window");
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                JobLog.HeartbeatMissed(logger, run.Id, fault);
            }
        }
    }

    /// <summary>A run that can't be closed now (a full disk, say) is closed as soon as it can be; at a stop the reconciler does it.</summary>
    private async Task CloseAsync(Run run, RunRecorder recorder, RunOutcome outcome, CancellationToken stopping)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var store = await stores.CreateDbContextAsync(CancellationToken.None);
                await CloseAsync(store, run, recorder, outcome, time.GetUtcNow());
                return;
            }
            catch (Exception fault)
            {
                JobLog.CouldNotClose(logger, run.Id, fault);
                if (stopping.IsCancellationRequested && attempt > 3)
                {
                    return;
                }

                await Task.Delay(Poll, time, CancellationToken.None);
            }
        }
    }

    internal static async Task CloseAsync(DashboardStore store, Run run, RunRecorder recorder, RunOutcome outcome, DateTimeOffset now)
    {
        await StoreAsync(store, recorder);
        await store.Runs.Where(row => row.Id == run.Id && row.Epoch == run.Epoch).ExecuteUpdateAsync(
            row => row.SetProperty(r => r.State, outcome.State)
                .SetProperty(r => r.Summary, outcome.Summary)
                .SetProperty(r => r.Problem, outcome.Problem)
                .SetProperty(r => r.NextStep, outcome.NextStep)
                .SetProperty(r => r.EndedAt, now)
                .SetProperty(r => r.LeaseUntil, (DateTimeOffset?)null),
            CancellationToken.None);
    }

    /// <summary>Stores what was reported since the last time, all or nothing, and returns whether there was any. Never cancelled half-way.</summary>
    private static async Task<bool> StoreAsync(DashboardStore store, RunRecorder recorder)
    {
        var (begun, ended, lines) = recorder.Drain();
        if (begun.Count + ended.Count + lines.Count == 0)
        {
            return false;
        }

        try
        {
            store.RunPhases.AddRange(begun);
            store.RunPhases.UpdateRange(ended);
            store.RunLines.AddRange(lines);
            await store.SaveChangesAsync(CancellationToken.None);
        }
        catch
        {
            recorder.TakeBack(begun, ended, lines);
            throw;
        }

        store.ChangeTracker.Clear();
        return true;
    }

    /// <summary>The name is for people; a store that can't be read now is no reason to leave a claimed run without its worker.</summary>
    private async Task<string> TitleAsync(Run run)
    {
        try
        {
            await using var store = await stores.CreateDbContextAsync(CancellationToken.None);
            var name = await store.Databases.Where(database => database.Id == run.SubjectId).Select(database => database.Name).FirstOrDefaultAsync(CancellationToken.None);
            return jobs.Title(run.Job, run.Arguments, name ?? "the dashboard");
        }
        catch (Exception fault)
        {
            JobLog.CouldNotName(logger, run.Id, fault);
            return jobs.Title(run.Job, run.Arguments, "a database");
        }
    }
}
