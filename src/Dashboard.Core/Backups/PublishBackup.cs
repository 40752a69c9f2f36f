using System.IO.Pipelines;
using System.Text;
using Dashboard.Core.Databases;
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
    public static async Task<(ArtefactReading Reading, BackupContent Content)> ReadBackAsync(
        IDatabaseEngine engine, BackupContent content, string file, Compression compression, ArtefactWriting written, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Reading back", new FileInfo(file).Length);
        if (engine is not IStreamedBackup streamed)
        {
            return (Demand(file, written, await Artefact.ReadAsync(file, compression, null, done => progress.Report(done), cancellationToken)), content);
        }

        // What could not be checked before is checked now, in the same pass.
        var pipe = new Pipe();
        var checking = CheckAsync(streamed, content, pipe.Reader, cancellationToken);
        ArtefactReading reading;
        var target = pipe.Writer.AsStream(leaveOpen: true);
        try
        {
            reading = Demand(file, written, await Artefact.ReadAsync(file, compression, target, done => progress.Report(done), cancellationToken));
        }
        finally
        {
            await pipe.Writer.CompleteAsync();
            await checking;
        }

        return (reading, Judge(content, await checking));
    }

    /// <summary>The engine's own words on what was read back; damage is never published.</summary>
    internal static BackupContent Judge(BackupContent content, CopyCheck check)
    {
        if (!check.IsSound)
        {
            throw new DatabaseDamagedException(
                content.Rows.Count > 0
                    ? $"What was written is not what the database held at that moment: {string.Join(" ", check.Problems.Take(3))} It was thrown away."
                    : $"What was written is not sound: {string.Join(" ", check.Problems.Take(3))} It was thrown away.",
                "Back up again. If it happens once more, look at the log of this run.");
        }

        // Rows that were counted in the source, of the same moment, were compared by the check.
        var level = content.Rows.Count > 0 ? CheckLevel.Compared : CheckLevel.Structure;
        return content with
        {
            SourceRows = content.Rows.Count > 0 ? content.Rows : null,
            Rows = check.Rows,
            Level = level > content.Level ? level : content.Level,
            Notes = [.. content.Notes.Union(check.Notes)],
        };
    }

    /// <summary>Before the data file has its name: killed in between, they are swept with the half-written backup.</summary>
    public static async Task WriteCompanionsAsync(string folder, string name, IReadOnlyList<Companion> companions, CancellationToken cancellationToken)
    {
        foreach (var companion in companions)
        {
            await DurableFiles.ReplaceAsync(Path.Combine(folder, name + companion.Suffix), Encoding.UTF8.GetBytes(companion.Text), cancellationToken);
        }
    }

    private static async Task<CopyCheck> CheckAsync(IStreamedBackup engine, BackupContent content, PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = reader.AsStream(leaveOpen: true);
            return await engine.CheckStreamAsync(stream, content.Rows.Count > 0 ? content.Rows : null, cancellationToken);
        }
        finally
        {
            // However it ended, who writes into the pipe must not wait for a reader that is gone.
            await reader.CompleteAsync();
        }
    }

    private static ArtefactReading Demand(string file, ArtefactWriting written, ArtefactReading reading) =>
        reading.Sha256 == written.Sha256 && reading.ContentBytes == written.ContentBytes
            ? reading
            : throw new IOException($"What was written to {file} reads back differently. The disk or its connection is at fault; the backup was thrown away.");

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
            manifest.Companions.ToList().ForEach(companion => File.Delete(Path.Combine(folder, companion)));
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
