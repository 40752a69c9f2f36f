using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <summary>Asks for an index, and for its removal while it is one that was made from here.</summary>
public sealed class AskForIndex(IDbContextFactory<DashboardStore> stores, AskForRun ask, EngineCatalog engines)
{
    /// <summary>PostgreSQL cuts longer names, and the index would not be found by the one that was asked for.</summary>
    private const int MostOfAName = 63;

    /// <summary>Who waits while an index is made; null where none can be.</summary>
    public string? FindLock(Database database) => (engines.For(database) as IIndexMaker)?.IndexLock;

    /// <summary>The statement that would be run.</summary>
    public string Write(Database database, IndexDraft draft) => CreateIndex.Engine(engines, database).Maker.Write(draft);

    /// <param name="query">On which the effect is to be measured; null or empty for none.</param>
    /// <exception cref="DatabaseException">When something of it is missing, or the query is not one SELECT that only reads.</exception>
    /// <exception cref="RunConflictException">When another run writes to the same database.</exception>
    public async Task<Run> AskAsync(Actor actor, Database database, IndexDraft draft, string? query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(draft);
        Permit.Demand(actor, Verb.ChangeIndexes, database.Subject);
        var wanted = string.IsNullOrWhiteSpace(query) ? null : query;
        var whole = draft with { Name = draft.Name.Trim(), Where = string.IsNullOrWhiteSpace(draft.Where) ? null : draft.Where.Trim() };
        Demand(whole);
        if (wanted is not null)
        {
            await CreateIndex.Engine(engines, database).Maker.CheckQueryAsync(database.Location, wanted, cancellationToken);
        }

        return await ask.AskAsync(actor, JobKeys.CreateIndex, database.Subject, new CreateIndexArguments(whole, wanted), cancellationToken);
    }

    /// <summary>Asks for the removal of what a run has made.</summary>
    /// <exception cref="RunConflictException">When another run writes to the same database.</exception>
    public async Task<Run> AskToRemoveAsync(Actor actor, Database database, Guid createdBy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.ChangeIndexes, database.Subject);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var run = await store.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.Id == createdBy && run.SubjectId == database.Id && run.Job == JobKeys.CreateIndex, cancellationToken)
            ?? throw new DatabaseException("This index was not made from here.", "Load the page again.");
        return await ask.AskAsync(actor, JobKeys.DropIndex, database.Subject, new DropIndexArguments(CreateIndex.Read(run).Draft, createdBy), cancellationToken);
    }

    /// <summary>Of these records, those whose index was made and not removed from here since: its name, by the run that made it.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> FindRemovableAsync(Actor actor, Database database, IReadOnlyCollection<MaintenanceRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeRuns, database.Subject);
        var made = records.Where(record => record.Task == JobKeys.CreateIndex).Select(record => record.RunId).ToList();
        if (made.Count == 0)
        {
            return new Dictionary<Guid, string>();
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var runs = await store.Runs.AsNoTracking()
            .Where(run => run.SubjectId == database.Id && (made.Contains(run.Id) || (run.Job == JobKeys.DropIndex && (run.State < RunState.Succeeded || run.State == RunState.Succeeded))))
            .ToListAsync(cancellationToken);
        var removed = runs.Where(run => run.Job == JobKeys.DropIndex).Select(run => DropIndex.Read(run).CreatedBy).ToHashSet();
        return runs.Where(run => run.Job == JobKeys.CreateIndex && !removed.Contains(run.Id)).ToDictionary(run => run.Id, run => CreateIndex.Read(run).Draft.Name);
    }

    private static void Demand(IndexDraft draft)
    {
        if (draft.Table.Length == 0 || draft.Columns.Count == 0)
        {
            throw new DatabaseException("An index needs a table and a column at least.", "Choose them.");
        }

        if (draft.Columns.Distinct(StringComparer.Ordinal).Count() < draft.Columns.Count)
        {
            throw new DatabaseException("A column is chosen twice.", "Take one of them out.");
        }

        if (draft.Name.Length is 0 or > MostOfAName || draft.Name.Any(char.IsControl))
        {
            throw new DatabaseException($"The name of an index has 1 to {MostOfAName} characters.", "Shorten it.");
        }
    }
}
