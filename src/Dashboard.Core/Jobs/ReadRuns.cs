using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Jobs;

/// <summary>A run as lists show it.</summary>
public sealed record RunRow(
    Guid Id,
    string Job,
    string Title,
    Subject Subject,
    string? DatabaseName,
    string? DatabaseSlug,
    RunState State,
    string AskedBy,
    DateTimeOffset QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    string? Summary,
    string? Problem,
    string? NextStep,
    string? Arguments)
{
    public TimeSpan? Took => EndedAt - StartedAt;

    public bool IsOpen => State < RunState.Succeeded;
}

/// <summary>A run with all that it left.</summary>
public sealed record RunDetails(RunRow Run, IReadOnlyList<RunPhase> Phases, IReadOnlyList<RunLine> Lines);

/// <summary>Which runs a list shows; its filters stand in the address.</summary>
/// <param name="EndedFrom">Leaves out what ended before, and what has not ended.</param>
/// <param name="EndedTo">Leaves out what ended after.</param>
/// <param name="OnlyEnded">Leaves out what waits or runs, for a page that shows those from the feed.</param>
public sealed record RunFilter(Guid? DatabaseId = null, string? Job = null, RunState? State = null, int Skip = 0, int Take = 50, bool OnlyEnded = false, DateTimeOffset? EndedFrom = null, DateTimeOffset? EndedTo = null);

public sealed class ReadRuns(IDbContextFactory<DashboardStore> stores, JobCatalog jobs)
{
    /// <summary>Newest first, with the number of all that fit the filter.</summary>
    public async Task<(IReadOnlyList<RunRow> Runs, int Total)> ListAsync(Actor actor, RunFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Permit.Demand(actor, Verb.SeeRuns, filter.DatabaseId is { } id ? Subject.Database(id) : Subject.Installation);

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var runs = store.Runs.AsNoTracking()
            .Where(run => filter.DatabaseId == null || run.SubjectId == filter.DatabaseId)
            .Where(run => filter.Job == null || run.Job == filter.Job)
            .Where(run => filter.State == null || run.State == filter.State)
            .Where(run => filter.EndedFrom == null || run.EndedAt >= filter.EndedFrom)
            .Where(run => filter.EndedTo == null || run.EndedAt <= filter.EndedTo)
            .Where(run => !filter.OnlyEnded || run.State >= RunState.Succeeded);
        var total = await runs.CountAsync(cancellationToken);
        var page = await Rows(store, runs.OrderByDescending(run => run.QueuedAt).Skip(filter.Skip).Take(filter.Take)).ToListAsync(cancellationToken);
        return ([.. page.Select(Titled)], total);
    }

    public async Task<RunDetails?> FindAsync(Actor actor, Guid runId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var row = await Rows(store, store.Runs.AsNoTracking().Where(run => run.Id == runId)).FirstOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return null;
        }

        Permit.Demand(actor, Verb.SeeRuns, row.Subject);
        var phases = await store.RunPhases.AsNoTracking().Where(phase => phase.RunId == runId).OrderBy(phase => phase.Id).ToListAsync(cancellationToken);
        var lines = await store.RunLines.AsNoTracking().Where(line => line.RunId == runId).OrderBy(line => line.Id).Take(2000).ToListAsync(cancellationToken);
        return new RunDetails(Titled(row), phases, lines);
    }

    /// <summary>Runs that failed or were interrupted and that nobody has looked at: the number in the bar.</summary>
    public async Task<int> CountUnseenFailuresAsync(Actor actor, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeRuns, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.Runs.CountAsync(run => (run.State == RunState.Failed || run.State == RunState.Interrupted) && run.SeenAt == null, cancellationToken);
    }

    /// <summary>Marks failures as seen by opening the list, or one of them.</summary>
    public async Task SeeAsync(Actor actor, Guid? runId, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        Permit.Demand(actor, Verb.SeeRuns, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        await store.Runs.Where(run => run.SeenAt == null && run.State >= RunState.Failed && (runId == null || run.Id == runId))
            .ExecuteUpdateAsync(run => run.SetProperty(r => r.SeenAt, now), cancellationToken);
    }

    private RunRow Titled(RunRow row) => row with { Title = jobs.Title(row.Job, row.Arguments, row.DatabaseName ?? "the dashboard") };

    private static IQueryable<RunRow> Rows(DashboardStore store, IQueryable<Run> runs) =>
        from run in runs
        join database in store.Databases on run.SubjectId equals database.Id into databases
        from database in databases.DefaultIfEmpty()
        select new RunRow(run.Id, run.Job, "", new Subject(run.SubjectKind, run.SubjectId), database.Name, database.Slug, run.State, run.AskedBy, run.QueuedAt, run.StartedAt, run.EndedAt, run.Summary, run.Problem, run.NextStep, run.Arguments);
}
