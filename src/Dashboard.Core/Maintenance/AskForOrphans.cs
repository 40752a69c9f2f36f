using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <summary>Shows which rows a removal of orphans would take, and asks for it.</summary>
public sealed class AskForOrphans(IDbContextFactory<DashboardStore> stores, AskForRun ask, EngineCatalog engines, BackupFolders folders)
{
    /// <summary>The check that found orphans, unless one since then found none or they were removed; null when there is nothing to remove.</summary>
    public async Task<MaintenanceRecord?> FindCheckAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        if (engines.For(database) is not IOrphanage { CheckTask: var check })
        {
            return null;
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.Maintenance.AsNoTracking()
            .Where(record => record.DatabaseId == database.Id && (record.Task == check || record.Task == JobKeys.RemoveOrphans))
            .OrderByDescending(record => record.At)
            .ThenByDescending(record => record.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return last is { Problem: not null } && last.Task == check ? last : null;
    }

    /// <summary>What would go now, and the folder in which a copy of it is kept.</summary>
    /// <exception cref="DatabaseException">When it can't be looked at.</exception>
    public async Task<(OrphanList Rows, string Folder)> LookAsync(Actor actor, Database database, RunProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        var orphanage = engines.For(database) as IOrphanage ?? throw new DatabaseException("Databases of this kind have no orphaned rows.");
        return (await orphanage.FindOrphansAsync(database.Location, progress, cancellationToken), folders.For(database));
    }

    /// <param name="rows">As many as the person has seen; if there are more by then, nothing is changed.</param>
    /// <param name="typedName">What the person typed; null when nobody was asked yet.</param>
    /// <exception cref="NameNeededException">When it is not the name of the database.</exception>
    /// <exception cref="RunConflictException">When another run writes to the same database.</exception>
    public async Task<Run> AskAsync(Actor actor, Database database, OrphanCount rows, string? typedName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.RemoveOrphans, database.Subject);
        TypedName.Demand(database, typedName);
        return await ask.AskAsync(actor, JobKeys.RemoveOrphans, database.Subject, new OrphanArguments(rows.Removed, rows.Emptied), cancellationToken);
    }
}
