using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Unpacks a backup into a plain work file and proves on the way that it is what its inventory row says.</summary>
internal sealed class UnpackBackup(IDbContextFactory<DashboardStore> stores, JobFeed feed, WatchBackupFiles files, TimeProvider time)
{
    /// <exception cref="DatabaseDamagedException">When the file is not what was written; the backup is marked invalid.</exception>
    public async Task UnpackAsync(Backup backup, string work, RunProgress progress, CancellationToken cancellationToken)
    {
        await files.LookAtAsync([backup], cancellationToken);
        if (backup.File is BackupFile.Missing or BackupFile.Unreachable)
        {
            throw new DatabaseMissingException(GoodBackup.BlockerOf(backup)!);
        }

        await DemandReadableAsync(backup);
        BackupFolders.DemandSpace(backup.Folder, backup.ContentBytes, "Unpacking the backup");
        progress.Phase("Unpacking", backup.SizeBytes);
        try
        {
            await using var target = DurableFiles.CreatePrivate(work);
            var reading = await Artefact.ReadAsync(backup.FilePath, backup.Compression, target, done => progress.Report(done), cancellationToken);
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

    /// <summary>A file that may not be opened protects nobody, until a check could read it again.</summary>
    private async Task DemandReadableAsync(Backup backup)
    {
        try
        {
            await using var file = File.OpenRead(backup.FilePath);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            var problem = $"The backup file {backup.FilePath} can't be read: {fault.Message}";
            await MarkAsync(backup.Id, CheckLevel.Written, problem, CancellationToken.None);
            throw new DatabaseException(problem, $"Give it back to the user {Environment.UserName}, then check it again.", fault);
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
