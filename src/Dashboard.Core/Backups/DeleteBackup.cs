using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>Deleting by hand: 30 days in "Recently deleted", then the file goes. The last good backup asks for the name.</summary>
public sealed class DeleteBackup(IDbContextFactory<DashboardStore> stores, JobFeed feed, WatchBackupFiles files, BackupPlaces places, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <exception cref="NameNeededException">When it is the last good backup of its database and the name was not typed.</exception>
    public async Task DeleteAsync(Actor actor, Guid backupId, string? typedName, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var (backup, database) = await FindAsync(store, backupId, cancellationToken);
        Permit.Demand(actor, Verb.DeleteBackup, database.Subject);
        await files.LookAtAsync(await store.Backups.AsNoTracking().Where(one => one.DatabaseId == backup.DatabaseId && one.DeletedAt == null).ToListAsync(cancellationToken), cancellationToken);
        if (await IsLastGoodAsync(store, backup, cancellationToken))
        {
            TypedName.Demand(database, typedName);
        }

        backup.DeletedAt = time.GetUtcNow();
        backup.DeletedBy = actor.Name;
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    public async Task BringBackAsync(Actor actor, Guid backupId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var (backup, database) = await FindAsync(store, backupId, cancellationToken);
        Permit.Demand(actor, Verb.DeleteBackup, database.Subject);
        backup.DeletedAt = null;
        backup.DeletedBy = null;

        // That its file could not be removed is no fault of a backup that stays.
        if (backup is { Problem: not null, Level: not CheckLevel.Invalid } && await BackupManifest.FindAsync(backup, cancellationToken) is { } found)
        {
            backup.Problem = found.Manifest.Problem;
        }

        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    /// <summary>Removes the file of a deleted backup now. Nothing brings it back, so the name is typed.</summary>
    public async Task PurgeAsync(Actor actor, Guid backupId, string? typedName, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var (backup, database) = await FindAsync(store, backupId, cancellationToken);
        Permit.Demand(actor, Verb.PurgeBackup, database.Subject);
        TypedName.Demand(database, typedName);
        if (backup.DeletedAt is null)
        {
            throw new DatabaseException("Only a backup in “Recently deleted” can be removed for good.", "Delete it first.");
        }

        await PurgeAsync(store, backup, cancellationToken);
        feed.Changed();
    }

    /// <summary>Removes what has lain in "Recently deleted" for its days. One that can't be removed does not keep the others.</summary>
    public async Task PurgeExpiredAsync(CancellationToken cancellationToken)
    {
        Permit.Demand(Actor.Dashboard, Verb.PurgeBackup, Subject.Installation);
        var before = time.GetUtcNow().AddDays(-options.CurrentValue.TrashDays);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var expired = await store.Backups.Where(backup => backup.DeletedAt < before).ToListAsync(cancellationToken);
        foreach (var backup in expired)
        {
            // It was deleted beside another one. Where that is lost meanwhile, only a person may remove the last.
            if (await IsLastGoodAsync(store, backup, cancellationToken)
                && await store.Backups.AnyAsync(other => other.DatabaseId == backup.DatabaseId && other.Kind == BackupKind.Backup && other.DeletedAt == null, cancellationToken))
            {
                continue;
            }

            try
            {
                DemandFolder(backup);
                await PurgeAsync(store, backup, cancellationToken);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                backup.Problem = $"Its file can't be removed: {fault.Message}";
                await store.SaveChangesAsync(cancellationToken);
            }
        }

        if (expired.Count > 0)
        {
            feed.Changed();
        }
    }

    /// <summary>Whether nothing good would be left without it.</summary>
    internal static async Task<bool> IsLastGoodAsync(DashboardStore store, Backup backup, CancellationToken cancellationToken) =>
        backup.IsGood && !await store.Backups.Where(other => other.DatabaseId == backup.DatabaseId && other.Id != backup.Id).ThatCount().AnyAsync(cancellationToken);

    /// <summary>A share that is away would bring the file back with it; only a person may give it up.</summary>
    private void DemandFolder(Backup backup)
    {
        if (Path.GetDirectoryName(backup.Folder) is { } root && places.IsListed(root) && places.Look(root).Problem is { } problem)
        {
            throw new DirectoryNotFoundException(problem);
        }

        if (!Directory.Exists(backup.Folder))
        {
            throw new DirectoryNotFoundException($"The folder {backup.Folder} is not there.");
        }
    }

    /// <summary>The manifest goes first: killed in between, a data file without a manifest is left, which is no backup.</summary>
    private static async Task PurgeAsync(DashboardStore store, Backup backup, CancellationToken cancellationToken)
    {
        while (await BackupManifest.FindAsync(backup, cancellationToken) is { } found)
        {
            File.Delete(found.Path);
            found.Manifest.Companions.ToList().ForEach(companion => File.Delete(Path.Combine(backup.Folder, companion)));
        }

        if (Directory.Exists(backup.Folder))
        {
            File.Delete(Path.Combine(backup.Folder, backup.FileName));
        }

        store.Backups.Remove(backup);
        await store.SaveChangesAsync(cancellationToken);
    }

    private static async Task<(Backup Backup, Database Database)> FindAsync(DashboardStore store, Guid backupId, CancellationToken cancellationToken)
    {
        var backup = await store.Backups.FirstOrDefaultAsync(row => row.Id == backupId, cancellationToken)
            ?? throw new DatabaseMissingException("This backup is no longer in the inventory.", "Load the page again.");
        return (backup, await store.Databases.AsNoTracking().FirstAsync(row => row.Id == backup.DatabaseId, cancellationToken));
    }
}
