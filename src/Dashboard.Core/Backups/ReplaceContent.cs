using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>
/// What a restore and its undo have in common: unpack and check before anybody waits, freeze, exact undo copy, content, then publish the undo copy.
/// </summary>
internal sealed class ReplaceContent(
    IDbContextFactory<DashboardStore> stores,
    EngineCatalog engines,
    BackupFolders folders,
    UnpackBackup unpack,
    PublishBackup publish,
    IOptionsMonitor<DashboardOptions> options,
    TimeProvider time)
{
    public async Task<Replaced> ReplaceAsync(RunContext context, Backup backup, Database database, bool isUndo, bool withoutUndo, CancellationToken cancellationToken)
    {
        if (database.IsOwnStore)
        {
            throw new DatabaseException("The dashboard's own store can't be replaced while the dashboard runs on it.", "Restore it as a copy, or stop the dashboard and put the backup in its place as the README shows.");
        }

        var engine = engines.For(database);
        var work = CheckBackup.WorkFile(backup, context.Run);
        var undo = withoutUndo ? null : NewUndo(database, engine);
        string? token = null;
        await SaveAsync(context, new Checkpoint(work, undo, null, isUndo, backup.Id));
        try
        {
            await unpack.UnpackAsync(backup, work, context.Progress, cancellationToken);
            await CheckAsync(engine, backup, work, context.Progress, cancellationToken);

            var restore = new RestoreWork(work, undo?.Path, mark => SaveAsync(context, new Checkpoint(work, undo, token = mark, isUndo, backup.Id)));
            var result = await engine.RestoreAsync(database.Location, restore, context.Progress, cancellationToken);

            // From here on the content is replaced: nothing may stop the undo copy from becoming a backup.
            context.Progress.Phase("Recording", canCancel: false);
            var recorded = await RecordAsync(context, backup.Id, database, engine, undo, isUndo);
            return new Replaced(result, recorded);
        }
        catch
        {
            // The same question as after a kill: which content is live? Only an undo copy that nobody needs is removed.
            if (await TraceAsync(engine, database, token) == RestoreTrace.NotCommitted)
            {
                RemoveUndo(undo);
            }
            else
            {
                await RecordAsync(context, backup.Id, database, engine, undo, isUndo);
            }

            throw;
        }
        finally
        {
            CheckBackup.DeleteWork(work);
        }
    }

    /// <summary>After a kill: looks which content is live, keeps or removes the undo copy accordingly, and says so.</summary>
    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Run.Checkpoint is not { } json || JsonSerializer.Deserialize<Checkpoint>(json) is not { } left)
        {
            return Untouched();
        }

        CheckBackup.DeleteWork(left.Work);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == context.Run.SubjectId, cancellationToken);
        var engine = engines.For(database);
        var trace = await TraceAsync(engine, database, left.Token);
        if (trace == RestoreTrace.NotCommitted)
        {
            RemoveUndo(left.Undo);
            return Untouched();
        }

        var recorded = await RecordAsync(context, left.BackupId, database, engine, left.Undo, left.IsUndo);
        return RunOutcome.Interrupted(
            trace == RestoreTrace.Committed
                ? "The content had been replaced when the dashboard was stopped." + (recorded.UndoBackupId is null ? "" : " It can be undone.")
                : "The dashboard was stopped at the moment of the change, and it can't be told from outside which content is live. The exact copy of before was kept.",
            "The dashboard was stopped while this ran.",
            "Look at the data; undo when it is not what you want.");
    }

    private static async Task<RestoreTrace> TraceAsync(IDatabaseEngine engine, Database database, string? token) =>
        token is null ? RestoreTrace.NotCommitted : await engine.TraceRestoreAsync(database.Location, token, CancellationToken.None);

    private static RunOutcome Untouched() => RunOutcome.Interrupted("Stopped with the dashboard before anything was changed.", "The dashboard was stopped while this ran.", "Start the restore again if it is still wanted.");

    private UndoCopy NewUndo(Database database, IDatabaseEngine engine)
    {
        var folder = folders.Prepare(database);
        var name = BackupFolders.FreeName(folder, database.Slug, BackupKind.Undo, time.GetUtcNow());
        return new UndoCopy(Guid.CreateVersion7(time.GetUtcNow()), folder, name, name + engine.Description.FileExtension);
    }

    /// <summary>Structure and counts before anyone waits for us: quick, for the checksum says that it is what was checked in full when it was taken.</summary>
    private async Task CheckAsync(IDatabaseEngine engine, Backup backup, string work, RunProgress progress, CancellationToken cancellationToken)
    {
        var check = await engine.CheckCopyAsync(work, TableCounts.Read(backup.Rows), CheckDepth.Quick, progress, cancellationToken);
        if (check.IsSound)
        {
            return;
        }

        var problem = string.Join(" ", check.Problems.Take(3));
        await unpack.MarkAsync(backup.Id, CheckLevel.Invalid, problem, CancellationToken.None);
        throw new DatabaseDamagedException($"The backup is damaged: {problem} Nothing was changed.", "Use another backup.");
    }

    /// <summary>Makes the undo copy a backup and writes down that content was replaced. Safe to repeat: its ids stand in the checkpoint.</summary>
    private async Task<Restore> RecordAsync(RunContext context, Guid backupId, Database database, IDatabaseEngine engine, UndoCopy? undo, bool isUndo)
    {
        var now = time.GetUtcNow();
        var restore = new Restore
        {
            Id = Guid.CreateVersion7(now),
            DatabaseId = database.Id,
            BackupId = backupId,
            UndoBackupId = undo is not null && File.Exists(undo.Path) ? undo.Id : null,
            RunId = context.Run.Id,
            RestoredAt = now,
            UndoUntil = now.AddHours(options.CurrentValue.UndoHours),
            IsUndo = isUndo,
        };

        if (restore.UndoBackupId is null)
        {
            await using var store = await stores.CreateDbContextAsync();
            if (!await store.Restores.AnyAsync(row => row.RunId == restore.RunId))
            {
                store.Restores.Add(restore);
                await store.SaveChangesAsync();
            }

            return restore;
        }

        var began = Stopwatch.GetTimestamp();
        var reading = await Artefact.ReadAsync(undo!.Path, Compression.None, null, null, CancellationToken.None);
        var check = await engine.CheckCopyAsync(undo.Path, null, CheckDepth.Quick, RunProgress.None, CancellationToken.None);
        var manifest = new BackupManifest
        {
            Id = undo.Id,
            Kind = BackupKind.Undo,
            File = undo.File,
            TakenAt = now,
            TookSeconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3),
            AskedBy = context.Run.AskedBy,
            RunId = context.Run.Id,
            DatabaseId = database.Id,
            DatabaseName = database.Name,
            DatabaseSlug = database.Slug,
            Engine = engine.Description.Key,
            EngineVersion = engine.Description.Title,
            Location = database.Location,
            Compression = Compression.None,
            SizeBytes = reading.ContentBytes,
            Sha256 = reading.Sha256,
            ContentBytes = reading.ContentBytes,
            ContentSha256 = reading.ContentSha256,
            Level = check.IsSound ? CheckLevel.Structure : CheckLevel.ReadBack,
            Rows = check.Rows,
            Identity = new Dictionary<string, string>(),

            // A damaged database is copied as it was: its undo copy is as damaged, and says so.
            Warnings = [.. check.Problems.Take(3)],
            RestoreByHand = string.Format(System.Globalization.CultureInfo.InvariantCulture, engine.Description.RestoreByHand, undo.File),
        };
        await publish.AnnounceAsync(undo.Folder, undo.Name, manifest, restore, CancellationToken.None);
        return restore;
    }

    private static void RemoveUndo(UndoCopy? undo)
    {
        if (undo is not null)
        {
            File.Delete(undo.Path);
            File.Delete(undo.Path + DurableFiles.PartialExtension);
        }
    }

    private static Task SaveAsync(RunContext context, Checkpoint checkpoint) => context.CheckpointAsync(JsonSerializer.Serialize(checkpoint));

    internal sealed record UndoCopy(Guid Id, string Folder, string Name, string File)
    {
        public string Path => System.IO.Path.Combine(Folder, File);
    }

    private sealed record Checkpoint(string Work, UndoCopy? Undo, string? Token, bool IsUndo, Guid BackupId);
}

internal sealed record Replaced(RestoreResult Result, Restore Restore);
