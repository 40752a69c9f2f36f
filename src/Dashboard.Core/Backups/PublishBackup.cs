using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Makes a written data file a backup: read back, named, its manifest last, then its row.</summary>
internal sealed class PublishBackup(IDbContextFactory<DashboardStore> stores, JobFeed feed, TimeProvider time)
{
    /// <summary>
    /// Reads the file from disk again: it must be byte for byte what was written, and unpack to as much content with the checksum that
    /// the compressor took of what it was given.
    /// </summary>
    public static async Task<ArtefactReading> ReadBackAsync(string file, Compression compression, ArtefactWriting written, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Reading back", new FileInfo(file).Length);
        var reading = await Artefact.ReadAsync(file, compression, null, done => progress.Report(done), cancellationToken);
        return reading.Sha256 == written.Sha256 && reading.ContentBytes == written.ContentBytes
            ? reading
            : throw new IOException($"What was written to {file} reads back differently. The disk or its connection is at fault; the backup was thrown away.");
    }

    /// <summary>
    /// The order is the promise. Killed before the rename: a .partial, swept at start. Killed between rename and manifest: a data file
    /// without a manifest, which is no backup. Killed between manifest and row: found by its manifest at start. Never a row without a file.
    /// </summary>
    public async Task PublishAsync(string folder, string name, string partial, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var data = Path.Combine(folder, manifest.File);
        var described = Path.Combine(folder, name + BackupFolders.ManifestExtension);
        try
        {
            DurableFiles.Publish(partial, data);
            await manifest.WriteAsync(described, cancellationToken);
        }
        catch
        {
            // A disk that is full at the last step must not keep a file that is no backup and that nobody would ever remove.
            File.Delete(described);
            File.Delete(data);
            throw;
        }

        await RecordAsync(folder, manifest, null, cancellationToken);
    }

    /// <summary>The second half, for a data file that has its name already. Safe to repeat.</summary>
    public async Task AnnounceAsync(string folder, string name, BackupManifest manifest, Restore? restore, CancellationToken cancellationToken)
    {
        await manifest.WriteAsync(Path.Combine(folder, name + BackupFolders.ManifestExtension), cancellationToken);
        await RecordAsync(folder, manifest, restore, cancellationToken);
    }

    private async Task RecordAsync(string folder, BackupManifest manifest, Restore? restore, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (!await store.Backups.AnyAsync(backup => backup.Id == manifest.Id, cancellationToken))
        {
            store.Backups.Add(manifest.ToBackup(folder, time.GetUtcNow()));
        }

        if (restore is not null && !await store.Restores.AnyAsync(row => row.RunId == restore.RunId, cancellationToken))
        {
            store.Restores.Add(restore);
        }

        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }
}
