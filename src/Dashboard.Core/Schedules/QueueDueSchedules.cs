using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Schedules;

/// <summary>One look at the clock: turns every schedule that is due into a run, the same that a button makes.</summary>
public sealed partial class QueueDueSchedules(IDbContextFactory<DashboardStore> stores, AskForRun ask, JobFeed feed, TimeProvider time, ILogger<QueueDueSchedules> logger)
{
    /// <summary>Later than this a missed backup is skipped: the next one is nearer than the last.</summary>
    private static readonly TimeSpan CatchUpWithin = TimeSpan.FromHours(24);

    /// <summary>
    /// However many times were missed, one run catches up. A clock set back finds the run of that due time already there;
    /// a clock set far ahead makes one run and moves on.
    /// </summary>
    public async Task<int> QueueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var removed = store.Databases.Where(database => database.RemovedAt != null).Select(database => database.Id);
        var schedules = await store.Schedules.Where(schedule => schedule.IsOn && !removed.Contains(schedule.SubjectId)).ToListAsync(cancellationToken);
        var broughtBack = schedules.Exists(schedule => schedule.NextAt is null);
        var queued = 0;
        foreach (var schedule in schedules)
        {
            try
            {
                if (schedule.NextAt <= now && await QueueAsync(schedule, now, cancellationToken))
                {
                    queued++;
                }
            }
            catch (RunConflictException)
            {
                // Another run writes to the same database: it stays due, and is asked for when that one has ended.
                continue;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // One schedule that can't be asked for does not keep the others.
                CouldNotQueue(logger, schedule.Id, fault);
            }

            MoveOn(schedule, now);
        }

        await store.SaveChangesAsync(cancellationToken);
        if (broughtBack)
        {
            // Their next times are shown as soon as they are known.
            feed.Changed();
        }

        return queued;
    }

    /// <summary>
    /// Computed anew with each look, not only when it was due: a clock that was far ahead for a moment would leave it there.
    /// A time that is due again after the clock was set back finds its run.
    /// </summary>
    private void MoveOn(Schedule schedule, DateTimeOffset now)
    {
        try
        {
            schedule.NextAt = NextOccurrence.After(schedule.Cron, schedule.Zone, now);
        }
        catch (FormatException fault)
        {
            // A zone that this machine no longer knows, say. It stays due, and is seen to be overdue.
            CouldNotQueue(logger, schedule.Id, fault);
        }
    }

    private async Task<bool> QueueAsync(Schedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var at = Latest(schedule, now);
        if (now - at > CatchUpWithin)
        {
            Skipped(logger, schedule.Id, at);
            return false;
        }

        await ask.AskAsync(Actor.Schedule, schedule.Job, schedule.Subject, Arguments(schedule), cancellationToken, (schedule.Id, at));
        return true;
    }

    private static JsonElement? Arguments(Schedule schedule) => schedule.Arguments.Length == 0 ? null : JsonSerializer.Deserialize<JsonElement>(schedule.Arguments);

    /// <summary>The last due time that has passed, so that a month of sleep is not caught up from its first night.</summary>
    private static DateTimeOffset Latest(Schedule schedule, DateTimeOffset now)
    {
        var from = now - CatchUpWithin > schedule.NextAt!.Value ? now - CatchUpWithin : schedule.NextAt.Value;
        var latest = schedule.NextAt.Value;
        for (var next = NextOccurrence.After(schedule.Cron, schedule.Zone, from.AddTicks(-1)); next <= now; next = NextOccurrence.After(schedule.Cron, schedule.Zone, next))
        {
            latest = next;
        }

        return latest;
    }

    [LoggerMessage(4001, LogLevel.Error, "Schedule {ScheduleId} was due and could not be asked for")]
    private static partial void CouldNotQueue(ILogger logger, Guid scheduleId, Exception fault);

    [LoggerMessage(4002, LogLevel.Warning, "Schedule {ScheduleId} was due at {DueAt} and is more than a day late; skipped")]
    private static partial void Skipped(ILogger logger, Guid scheduleId, DateTimeOffset dueAt);
}
