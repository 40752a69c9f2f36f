using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>A backup as the inventory shows it.</summary>
/// <param name="IsFileThere">False when somebody removed or moved the data file.</param>
/// <param name="IsLastGood">No other good one is left. One that is deleted already counts only while the list of deleted ones is read.</param>
/// <param name="PurgedAt">When it leaves "Recently deleted" for good.</param>
public sealed record BackupRow(Backup Backup, string DatabaseName, string DatabaseSlug, bool DatabaseIsRemoved, bool IsFileThere, bool IsLastGood, DateTimeOffset? PurgedAt)
{
    /// <summary>Size of the file as a share of the content.</summary>
    public double Ratio => Backup.ContentBytes == 0 ? 1 : (double)Backup.SizeBytes / Backup.ContentBytes;
}

/// <summary>A restore that one click takes back.</summary>
public sealed record UndoOffer(Guid RestoreId, Guid RunId, DateTimeOffset RestoredAt, DateTimeOffset UndoUntil, DateTimeOffset? BackupTakenAt, bool IsUndo, long UndoBytes, string AskedBy);

public sealed class ReadBackups(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, BackupFolders folders, WatchBackupFiles files, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <summary>The inventory of one database, or of all with null; newest first.</summary>
    /// <param name="words">Each must stand in the file name (database, day and time, "undo"), in the database's name or in who asked; null for all.</param>
    public async Task<(IReadOnlyList<BackupRow> Backups, int Total)> ListAsync(Actor actor, Guid? databaseId, bool deleted, int skip, int take, CancellationToken cancellationToken, string? words = null)
    {
        Permit.Demand(actor, Verb.SeeBackups, databaseId is { } id ? Subject.Database(id) : Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backups = store.Backups.AsNoTracking().Where(backup => (databaseId == null || backup.DatabaseId == databaseId) && (backup.DeletedAt != null) == deleted);
        foreach (var word in (words ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var like = $"%{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
            backups = backups.Where(backup => EF.Functions.Like(backup.FileName, like, "\\")
                || EF.Functions.Like(backup.AskedBy, like, "\\")
                || store.Databases.Any(database => database.Id == backup.DatabaseId && EF.Functions.Like(database.Name, like, "\\")));
        }

        var total = await backups.CountAsync(cancellationToken);
        var page = await (deleted ? backups.OrderByDescending(backup => backup.DeletedAt) : backups.OrderByDescending(backup => backup.TakenAt)).Skip(skip).Take(take)
            .Join(store.Databases, backup => backup.DatabaseId, database => database.Id, (backup, database) => new { backup, database.Name, database.Slug, IsRemoved = database.RemovedAt != null })
            .ToListAsync(cancellationToken);

        await files.LookAtAsync([.. page.Select(row => row.backup)], cancellationToken);
        var only = await OnlyGoodAsync(store, [.. page.Select(row => row.backup.DatabaseId).Distinct()], deleted, cancellationToken);
        return (
            [.. page.Select(row => new BackupRow(row.backup, row.Name, row.Slug, row.IsRemoved, IsThere(row.backup), only.Contains(row.backup.Id), row.backup.DeletedAt?.AddDays(options.CurrentValue.TrashDays)))],
            total);
    }

    /// <summary>Of each database the one good backup of the list, where there is no second.</summary>
    /// <param name="deleted">Whether those of "Recently deleted" count too: after such a one is purged nothing is left to restore from.</param>
    private static async Task<HashSet<Guid>> OnlyGoodAsync(DashboardStore store, IReadOnlyList<Guid> databases, bool deleted, CancellationToken cancellationToken)
    {
        var good = await store.Backups.AsNoTracking()
            .Where(backup => databases.Contains(backup.DatabaseId) && (deleted || backup.DeletedAt == null)).Where(GoodBackup.Rule)
            .GroupBy(backup => backup.DatabaseId)
            .Where(group => group.Count() == 1)
            .Select(group => group.Min(backup => backup.Id.ToString()))
            .ToListAsync(cancellationToken);
        return [.. good.Select(text => Guid.Parse(text!))];
    }

    public async Task<BackupRow?> FindAsync(Actor actor, Guid backupId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backup = await store.Backups.AsNoTracking().FirstOrDefaultAsync(row => row.Id == backupId, cancellationToken);
        if (backup is null)
        {
            return null;
        }

        Permit.Demand(actor, Verb.SeeBackups, Subject.Database(backup.DatabaseId));
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == backup.DatabaseId, cancellationToken);
        await files.LookAtAsync([backup], cancellationToken);
        return new BackupRow(backup, database.Name, database.Slug, database.RemovedAt is not null, IsThere(backup), await DeleteBackup.IsLastGoodAsync(store, backup, cancellationToken), null);
    }

    /// <summary>What a damaged database is best restored from: its newest good backup whose file is there; null when there is none.</summary>
    public async Task<BackupRow?> FindLastGoodAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeBackups, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var good = store.Backups.AsNoTracking()
            .Where(backup => backup.DatabaseId == databaseId).ThatCount()
            .OrderByDescending(backup => backup.TakenAt)
            .AsAsyncEnumerable();
        await foreach (var backup in good.WithCancellation(cancellationToken))
        {
            // Seen now, not as it was last seen: what is offered must be there.
            await files.LookAtAsync([backup], cancellationToken);
            if (backup.IsGood)
            {
                return await FindAsync(actor, backup.Id, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>The file to send; null when there is none.</summary>
    public async Task<(string Path, string Name)?> FindDownloadAsync(Actor actor, Guid backupId, CancellationToken cancellationToken)
    {
        var row = await FindAsync(actor, backupId, cancellationToken);
        if (row is null || !row.IsFileThere)
        {
            return null;
        }

        Permit.Demand(actor, Verb.DownloadBackup, Subject.Database(row.Backup.DatabaseId));
        return (Path.Combine(row.Backup.Folder, row.Backup.FileName), row.Backup.FileName);
    }

    /// <summary>The last restore of a database, while it can still be taken back.</summary>
    public async Task<UndoOffer?> FindUndoAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeBackups, Subject.Database(databaseId));
        var now = time.GetUtcNow();
        await using var store = await stores.CreateDbContextAsync(cancellationToken);

        // Of two of the same moment the one that is undone was the first.
        var last = await store.Restores.AsNoTracking()
            .Where(restore => restore.DatabaseId == databaseId)
            .OrderByDescending(restore => restore.RestoredAt)
            .ThenBy(restore => restore.UndoneByRunId != null)
            .FirstOrDefaultAsync(cancellationToken);
        if (last is not { HasUndo: true } || last.UndoneByRunId is not null || last.UndoUntil < now)
        {
            return null;
        }

        var source = await store.Backups.AsNoTracking().Where(backup => backup.Id == last.BackupId).Select(backup => (DateTimeOffset?)backup.TakenAt).FirstOrDefaultAsync(cancellationToken);
        if (last.Kept is not null)
        {
            var by = await store.Runs.AsNoTracking().Where(run => run.Id == last.RunId).Select(run => run.AskedBy).FirstOrDefaultAsync(cancellationToken);
            return new UndoOffer(last.Id, last.RunId, last.RestoredAt, last.UndoUntil, source, last.IsUndo, last.KeptBytes ?? 0, by ?? "");
        }

        var undo = await store.Backups.AsNoTracking().FirstOrDefaultAsync(backup => backup.Id == last.UndoBackupId, cancellationToken);
        await files.LookAtAsync(undo is null ? [] : [undo], cancellationToken);
        return undo is null || GoodBackup.BlockerOf(undo) is not null ? null : new UndoOffer(last.Id, last.RunId, last.RestoredAt, last.UndoUntil, source, last.IsUndo, undo.SizeBytes, undo.AskedBy);
    }

    /// <summary>Whether the backups of a database lie on the disk that they are to protect from; null where it can't be told.</summary>
    public bool? SharesDisk(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return engines.For(database).FolderOf(database.Location) is { } folder ? DiskSpace.ShareADisk(folders.For(database), folder) : null;
    }

    public string FolderOf(Database database) => folders.For(database);

    private static bool IsThere(Backup backup) => backup.File is BackupFile.Present or BackupFile.Altered;
}
