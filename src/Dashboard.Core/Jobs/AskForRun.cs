using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Jobs;

/// <summary>The one door for work: button, schedule and command line all come through here, and leave a row that survives a kill.</summary>
public sealed class AskForRun(IDbContextFactory<DashboardStore> stores, JobCatalog jobs, JobFeed feed, TimeProvider time)
{
    /// <summary>
    /// Queues a run. Asking again for what is queued or running already gives that run.
    /// </summary>
    /// <param name="due">When a schedule asked: its due time, which becomes one run and never two.</param>
    /// <exception cref="PermissionDeniedException">When the actor may not.</exception>
    /// <exception cref="RunConflictException">When another run writes to the same subject.</exception>
    public async Task<Run> AskAsync(Actor actor, string job, Subject subject, object? arguments, CancellationToken cancellationToken, (Guid ScheduleId, DateTimeOffset DueAt)? due = null)
    {
        ArgumentNullException.ThrowIfNull(actor);

        var what = jobs.For(job);
        Permit.Demand(actor, what.Verb, subject);

        var now = time.GetUtcNow();
        var run = new Run
        {
            Id = Guid.CreateVersion7(now),
            Job = job,
            SubjectKind = subject.Kind,
            SubjectId = subject.Id,
            Arguments = arguments is null ? null : JsonSerializer.Serialize(arguments, arguments.GetType()),
            AskedBy = actor.Name,
            ScheduleId = due?.ScheduleId,
            DueAt = due?.DueAt ?? now,
            QueuedAt = now,
            Writes = what.Writes,
            IsOneAtATime = what.IsOneAtATime,
        };

        // Before it is stored: a start that reconciles at this moment must not take it for one that a dead process left.
        using var announced = feed.Announce(run.Id);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (await StoreAsync(store, run, cancellationToken) is { } open)
        {
            return open;
        }

        feed.Queue(new LiveRun(run.Id, job, await TitleAsync(store, run, cancellationToken), subject, actor.Name, RunState.Queued, "Waiting", null, 0, null, null, null, true, run.Writes, null));

        // A worker that polls can have done all of it before the feed heard of it; then nobody else would take it off again.
        if (await store.Runs.AnyAsync(row => row.Id == run.Id && row.State >= RunState.Succeeded, cancellationToken))
        {
            feed.End(run.Id);
        }

        return run;
    }

    /// <summary>Returns the run that is open already instead of a second one, or null when this one was stored.</summary>
    private async Task<Run?> StoreAsync(DashboardStore store, Run run, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            store.Runs.Add(run);
            try
            {
                await store.SaveChangesAsync(cancellationToken);
                return null;
            }
            catch (DbUpdateException fault)
            {
                // The unique indexes decided, so two doors at once cannot both win.
                store.ChangeTracker.Clear();
                if (await FindTheOneAsync(store, run, cancellationToken) is { } open)
                {
                    return open;
                }

                if (await ConflictAsync(store, run.Subject, run.Writes, cancellationToken) is { } conflict)
                {
                    throw conflict;
                }

                // Whatever was in the way may have ended between the two looks: then the way is free.
                if (attempt == 3)
                {
                    throw new InvalidOperationException($"The run could not be stored: {fault.GetBaseException().Message}", fault);
                }
            }
        }
    }

    private static async Task<Run?> FindTheOneAsync(DashboardStore store, Run wanted, CancellationToken cancellationToken) =>
        await store.Runs.AsNoTracking().FirstOrDefaultAsync(
            run => (run.ScheduleId != null && run.ScheduleId == wanted.ScheduleId && run.DueAt == wanted.DueAt)
                || (wanted.IsOneAtATime && run.Job == wanted.Job && run.SubjectKind == wanted.SubjectKind && run.SubjectId == wanted.SubjectId && run.State < RunState.Succeeded),
            cancellationToken);

    private async Task<RunConflictException?> ConflictAsync(DashboardStore store, Subject subject, bool writes, CancellationToken cancellationToken)
    {
        if (!writes)
        {
            return null;
        }

        var other = await store.Runs.AsNoTracking().FirstOrDefaultAsync(
            run => run.SubjectKind == subject.Kind && run.SubjectId == subject.Id && run.Writes && run.State < RunState.Succeeded,
            cancellationToken);
        return other is null ? null : new RunConflictException(other.Id, $"“{await TitleAsync(store, other, cancellationToken)}” is not finished yet. Wait for it, or cancel it, then try again.");
    }

    private async Task<string> TitleAsync(DashboardStore store, Run run, CancellationToken cancellationToken) =>
        jobs.Title(run.Job, run.Arguments, await store.Databases.Where(database => database.Id == run.SubjectId).Select(database => database.Name).FirstOrDefaultAsync(cancellationToken) ?? "the dashboard");
}

/// <summary>Another run has the subject.</summary>
public sealed class RunConflictException(Guid otherRun, string message) : Exception(message)
{
    public Guid OtherRun { get; } = otherRun;
}
