using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Backups;

/// <summary>
/// At start, after the runs were reconciled: half-written files of ours are removed, and a backup whose row was lost is taken up again from its manifest.
/// </summary>
internal sealed partial class SweepBackupFolders(IDbContextFactory<DashboardStore> stores, BackupFolders folders, JobFeed feed, TimeProvider time, ILogger<SweepBackupFolders> logger) : IBeforeWork
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var databases = await store.Databases.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var database in databases)
        {
            var folder = folders.For(database);
            if (!Directory.Exists(folder))
            {
                continue;
            }

            // The folder bears the database's name and was made by us; nothing else in it ends so.
            foreach (var partial in Directory.EnumerateFiles(folder, "*" + DurableFiles.PartialExtension))
            {
                File.Delete(partial);
                Swept(logger, partial);
            }

            foreach (var file in Directory.EnumerateFiles(folder, "*" + BackupFolders.ManifestExtension))
            {
                if (await BackupManifest.ReadAsync(file, cancellationToken) is { } manifest
                    && manifest.DatabaseId == database.Id
                    && File.Exists(Path.Combine(folder, manifest.File))
                    && !await store.Backups.AnyAsync(backup => backup.Id == manifest.Id, cancellationToken))
                {
                    store.Backups.Add(manifest.ToBackup(folder, time.GetUtcNow()));
                    await store.SaveChangesAsync(cancellationToken);
                    TakenUp(logger, file);
                }
            }
        }

        feed.Changed();
    }

    [LoggerMessage(3001, LogLevel.Warning, "Removed a half-written file: {File}")]
    private static partial void Swept(ILogger logger, string file);

    [LoggerMessage(3002, LogLevel.Warning, "Took a backup up again from its manifest: {File}")]
    private static partial void TakenUp(ILogger logger, string file);
}
