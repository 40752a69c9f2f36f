using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Unpacks a backup into a plain work file and proves on the way that it is what its inventory row says.</summary>
internal sealed class UnpackBackup(IDbContextFactory<DashboardStore> stores, JobFeed feed, TimeProvider time)
{
    /// <exception cref="DatabaseDamagedException">When the file is not what was written; the backup is marked invalid.</exception>
    public async Task UnpackAsync(Backup backup, string work, RunProgress progress, CancellationToken cancellationToken)
    {
        var path = Path.Combine(backup.Folder, backup.FileName);
        if (!File.Exists(path))
        {
            throw new DatabaseMissingException($"The backup file {path} is gone.", "Bring the file back, or use another backup.");
        }

        BackupFolders.DemandSpace(backup.Folder, backup.ContentBytes, "Unpacking the backup");
        progress.Phase("Unpacking", backup.SizeBytes);
        try
        {
            await using var target = DurableFiles.CreatePrivate(work);
            var reading = await Artefact.ReadAsync(path, backup.Compression, target, done => progress.Report(done), cancellationToken);
            target.Flush(flushToDisk: true);
            if (reading.Sha256 != backup.Sha256 || reading.ContentSha256 != backup.ContentSha256)
            {
                throw new InvalidDataException($"{backup.FileName} is not the file that was written: its checksum differs.");
            }
        }
        catch (InvalidDataException damage)
        {
            await MarkAsync(backup.Id, CheckLevel.Invalid, damage.Message, CancellationToken.None);
            throw new DatabaseDamagedException($"The backup is damaged: {damage.Message} Nothing was changed.", "Use another backup, and find out what happened to this disk.", damage);
        }
    }

    /// <summary>Writes what a check found into the inventory.</summary>
    /// <param name="notes">What is known of it now in place of what was; null leaves that.</param>
    public async Task MarkAsync(Guid backupId, CheckLevel level, string? problem, CancellationToken cancellationToken, IReadOnlyList<string>? notes = null)
    {
        var now = time.GetUtcNow();
        var joined = notes is null ? null : Backup.JoinNotes(notes);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        await store.Backups.Where(backup => backup.Id == backupId).ExecuteUpdateAsync(
            backup => backup
                .SetProperty(b => b.Level, level)
                .SetProperty(b => b.Problem, problem)
                .SetProperty(b => b.Notes, b => notes == null ? b.Notes : joined)
                .SetProperty(b => b.CheckedAt, now),
            cancellationToken);
        feed.Changed();
    }
}
