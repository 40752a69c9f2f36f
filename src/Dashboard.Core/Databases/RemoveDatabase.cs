using Dashboard.Core.Access;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>Takes a database off the fleet. Its file and its backups stay, and it can be brought back with its schedules as they were.</summary>
public sealed class RemoveDatabase(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, ISampleDatabase sample, JobFeed feed, TimeProvider time)
{
    /// <exception cref="RunConflictException">While a run works on it.</exception>
    public async Task RemoveAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RemoveDatabase, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await FindAsync(store, databaseId, cancellationToken);
        if (database.IsOwnStore)
        {
            throw new DatabaseException("The dashboard watches over its own store; it can't be taken off the fleet.", "Switch its daily backup off instead.");
        }

        if (await store.Runs.FirstOrDefaultAsync(run => run.SubjectId == databaseId && run.State < RunState.Succeeded, cancellationToken) is { } open)
        {
            throw new RunConflictException(open.Id, $"A run of {database.Name} is not finished yet. Wait for it, or cancel it, then remove the database.");
        }

        // Together or not at all. Its schedules stay on, so that they come back as they were; without a next time nothing that was missed is caught up.
        database.RemovedAt = time.GetUtcNow();
        foreach (var schedule in await store.Schedules.Where(schedule => schedule.SubjectId == databaseId).ToListAsync(cancellationToken))
        {
            schedule.NextAt = null;
        }

        await store.SaveChangesAsync(cancellationToken);
        if (database.IsSample)
        {
            await sample.DeleteAsync(database.Location, cancellationToken);
        }

        feed.Changed();
    }

    public async Task BringBackAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RemoveDatabase, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await FindAsync(store, databaseId, cancellationToken);
        if (await store.Databases.AnyAsync(other => other.Id != databaseId && other.Engine == database.Engine && other.Location == database.Location && other.RemovedAt == null, cancellationToken))
        {
            throw new DatabaseException("The same database was registered again since.", "Its older backups are listed under Backups.");
        }

        if (database.IsSample && !File.Exists(database.Location))
        {
            await sample.CreateAsync(database.Location, cancellationToken);
        }

        database.RemovedAt = null;
        database.Name = await NameApart.FreeAsync(store, engines.For(database), database.Name, database.Location, databaseId, cancellationToken);
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    private static async Task<Database> FindAsync(DashboardStore store, Guid databaseId, CancellationToken cancellationToken) =>
        await store.Databases.FirstOrDefaultAsync(row => row.Id == databaseId, cancellationToken)
        ?? throw new DatabaseMissingException("There is no such database.", "Load the page again.");
}
