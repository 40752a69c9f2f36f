using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>
/// Once for each folder of an installation that is older than the markers: one that holds manifests of our databases is ours and gets its marker. One
/// that should hold some and does not counts as set up without one: its disk is not mounted, and nothing is written there.
/// </summary>
internal sealed class AdoptBackupFolders(IDbContextFactory<DashboardStore> stores, BackupFolders folders, BackupPlaces places) : IBeforeWork
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var databases = await store.Databases.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var root in databases.GroupBy(folders.RootFor).Where(root => !places.IsListed(root.Key)))
        {
            var ids = root.Select(database => database.Id).ToHashSet();
            var own = root.Select(folders.For).ToHashSet();
            if (await HoldsOursAsync(own, ids, cancellationToken))
            {
                TryMark(root.Key);
            }
            else if (await store.Backups.AnyAsync(backup => own.Contains(backup.Folder), cancellationToken))
            {
                places.Remember(root.Key);
            }
        }
    }

    private static async Task<bool> HoldsOursAsync(IEnumerable<string> folders, HashSet<Guid> databases, CancellationToken cancellationToken)
    {
        foreach (var file in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*" + BackupFolders.ManifestExtension)))
        {
            if (await BackupManifest.ReadAsync(file, cancellationToken) is { } manifest && databases.Contains(manifest.DatabaseId))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A folder that can be read and not written says so with its first backup; it keeps nobody from starting.</summary>
    private void TryMark(string root)
    {
        try
        {
            if (places.Judge(root).IsReady)
            {
                places.Mark(root);
            }
        }
        catch (DatabaseException)
        {
        }
    }
}
