using Dashboard.Core.Databases;
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
            if (folders.PlaceOf(database).Problem is { } problem)
            {
                // What lies there now is somebody else's, or what hides beneath a disk that is not mounted.
                NotOurs(logger, folder, problem);
                continue;
            }

            try
            {
                await SweepAsync(store, database, folder, cancellationToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // A folder that can't be read now (a share that is away) keeps neither the others nor the dashboard from starting.
                store.ChangeTracker.Clear();
                CouldNotSweep(logger, folder, fault);
            }
        }

        feed.Changed();
    }

    private async Task SweepAsync(DashboardStore store, Database database, string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        // The folder bears the database's name and was made by us; nothing else in it ends so. A journal beside a half-written file goes with it.
        foreach (var partial in Directory.EnumerateFiles(folder, "*" + DurableFiles.PartialExtension).Concat(Directory.EnumerateFiles(folder, "*" + DurableFiles.PartialExtension + "-*")).ToList())
        {
            File.Delete(partial);
            Swept(logger, partial);
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*" + BackupFolders.ManifestExtension).ToList())
        {
            if (await BackupManifest.ReadAsync(file, cancellationToken) is { } manifest
                && manifest.DatabaseId == database.Id
                && File.Exists(Path.Combine(folder, manifest.File))
                && !await store.Backups.AnyAsync(backup => backup.Id == manifest.Id || (backup.Folder == folder && backup.FileName == manifest.File), cancellationToken))
            {
                store.Backups.Add(manifest.ToBackup(folder, time.GetUtcNow()));
                await store.SaveChangesAsync(cancellationToken);
                TakenUp(logger, file);
            }
        }
    }

    [LoggerMessage(3007, LogLevel.Warning, "Left {Folder} alone: {Problem}")]
    private static partial void NotOurs(ILogger logger, string folder, string problem);

    [LoggerMessage(3001, LogLevel.Warning, "Removed a half-written file: {File}")]
    private static partial void Swept(ILogger logger, string file);

    [LoggerMessage(3003, LogLevel.Error, "The backup folder {Folder} could not be put in order")]
    private static partial void CouldNotSweep(ILogger logger, string folder, Exception fault);

    [LoggerMessage(3002, LogLevel.Warning, "Took a backup up again from its manifest: {File}")]
    private static partial void TakenUp(ILogger logger, string file);
}
