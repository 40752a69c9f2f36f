using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
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
    LendLogin lend,
    BackupFolders folders,
    UnpackBackup unpack,
    PublishBackup publish,
    IOptionsMonitor<DashboardOptions> options,
    TimeProvider time)
{
    /// <summary>From a backup, which is unpacked and checked before anybody waits.</summary>
    public async Task<Replaced> ReplaceAsync(RunContext context, Backup backup, Database database, bool isUndo, bool withoutUndo, CancellationToken cancellationToken, bool withoutOwners = false, bool leavesOut = false)
    {
        await using var lent = await lend.EngineForAsync(database, LendLogin.IdOf(context.Run), cancellationToken);
        var engine = lent.Engine;
        var work = CheckBackup.WorkFile(backup, context.Run);
        var checkpoint = await NewCheckpointAsync(database, engine, withoutUndo, cancellationToken) with { Work = work, IsUndo = isUndo, BackupId = backup.Id };
        await SaveAsync(context, checkpoint);
        return await ReplaceAsync(context, checkpoint, database, engine, async () =>
        {
            await unpack.UnpackAsync(backup, work, context.Progress, cancellationToken);
            return (ContentPlace.File(work), await CheckAsync(engine, backup, work, context.Progress, cancellationToken));
        }, cancellationToken, withoutOwners, leavesOut);
    }

    /// <summary>From an archive that is in no inventory; the file is removed.</summary>
    public async Task<Replaced> ReplaceForeignAsync(RunContext context, string file, Database database, bool withoutUndo, bool withoutOwners, CancellationToken cancellationToken, bool leavesOut = false)
    {
        await using var lent = await lend.EngineForAsync(database, LendLogin.IdOf(context.Run), cancellationToken);
        var engine = lent.Engine;
        var checkpoint = await NewCheckpointAsync(database, engine, withoutUndo, cancellationToken) with { Work = file };
        await SaveAsync(context, checkpoint);
        return await ReplaceAsync(context, checkpoint, database, engine, async () =>
        {
            var check = await engine.CheckCopyAsync(file, null, CheckDepth.Full, context.Progress, cancellationToken);
            return check.IsSound
                ? (ContentPlace.File(file), check.Rows)
                : throw new DatabaseDamagedException($"The archive is damaged: {string.Join(" ", check.Problems.Take(3))} Nothing was changed.", "Bring it here once more; it may have been cut off on its way.");
        }, cancellationToken, withoutOwners, leavesOut);
    }

    /// <summary>From what an earlier restore set aside, which needs nothing but its place.</summary>
    public async Task<Replaced> TakeBackAsync(RunContext context, ContentPlace kept, Database database, CancellationToken cancellationToken)
    {
        await using var lent = await lend.EngineForAsync(database, LendLogin.IdOf(context.Run), cancellationToken);
        var engine = lent.Engine;
        var checkpoint = await NewCheckpointAsync(database, engine, withoutUndo: false, cancellationToken) with { IsUndo = true };
        await SaveAsync(context, checkpoint);
        return await ReplaceAsync(context, checkpoint, database, engine, () => Task.FromResult((kept, (IReadOnlyList<TableRows>?)null)), cancellationToken);
    }

    private async Task<Replaced> ReplaceAsync(
        RunContext context,
        Checkpoint checkpoint,
        Database database,
        IDatabaseEngine engine,
        Func<Task<(ContentPlace Content, IReadOnlyList<TableRows>? Rows)>> prepare,
        CancellationToken cancellationToken,
        bool withoutOwners = false,
        bool leavesOut = false)
    {
        if (database.IsOwnStore)
        {
            throw new DatabaseException("The dashboard's own store can't be replaced while the dashboard runs on it.", "Restore it as a copy, or stop the dashboard and put the backup in its place as the README shows.");
        }

        try
        {
            var (content, rows) = await prepare();
            var restore = new RestoreWork(content, checkpoint.Place, mark => SaveAsync(context, checkpoint = checkpoint with { Token = mark, FrozenAt = time.GetUtcNow() })) { Rows = rows, WithoutOwners = withoutOwners, LeavesOut = leavesOut };
            var result = await engine.RestoreAsync(database.Location, restore, context.Progress, cancellationToken);

            context.Progress.Warn(result.Warnings);

            // From here on the content is replaced: nothing may stop the undo copy from being known.
            context.Progress.Phase("Recording", canCancel: false);
            var recorded = await RecordAsync(context, checkpoint, database, engine);
            return new Replaced(result, recorded);
        }
        catch (Exception fault)
        {
            // The same question as after a kill: which content is live? Only an undo copy that nobody needs is removed.
            var trace = await TraceAsync(engine, database, checkpoint.Token);
            if (trace == RestoreTrace.NotCommitted)
            {
                RemoveUndo(checkpoint.Undo);
                throw;
            }

            var problem = (trace == RestoreTrace.Committed ? "The content was replaced, and then something went wrong: " : "It can't be told whether the content was replaced: ")
                + (fault is OperationCanceledException ? "it was stopped too late." : FaultWords.Of(fault).Problem);
            await RecordOrSayWhereAsync(context, checkpoint, database, engine, problem);
            throw new DatabaseException(problem, "Look at the data; undo the restore when it is not what you want.", fault);
        }
        finally
        {
            DeleteWork(checkpoint);
        }
    }

    /// <summary>After a kill: looks which content is live, keeps or removes the undo copy accordingly, and says so.</summary>
    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Run.Checkpoint is not { } json || JsonSerializer.Deserialize<Checkpoint>(json) is not { } left)
        {
            return Untouched();
        }

        DeleteWork(left);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == context.Run.SubjectId, cancellationToken);
        await using var lent = await lend.EngineAfterKillAsync(database, context.Run, cancellationToken);
        var engine = lent.Engine;
        var trace = await TraceAsync(engine, database, left.Token);
        if (trace == RestoreTrace.NotCommitted)
        {
            RemoveUndo(left.Undo);
            await SweepAsync(engine, database, cancellationToken);
            return Untouched();
        }

        var recorded = await RecordAsync(context, left, database, engine);
        return RunOutcome.Interrupted(
            trace == RestoreTrace.Committed
                ? "The content had been replaced when the dashboard was stopped." + (recorded.HasUndo ? " It can be undone." : "")
                : "The dashboard was stopped at the moment of the change, and it can't be told from outside which content is live. The exact copy of before was kept.",
            "The dashboard was stopped while this ran.",
            "Look at the data; undo when it is not what you want.");
    }

    /// <summary>A database that can't be asked is one of which it can't be told: its undo copy is kept.</summary>
    private static async Task<RestoreTrace> TraceAsync(IDatabaseEngine engine, Database database, string? token)
    {
        if (token is null)
        {
            return RestoreTrace.NotCommitted;
        }

        try
        {
            return await engine.TraceRestoreAsync(database.Location, token, CancellationToken.None);
        }
        catch (Exception fault) when (fault is DatabaseException or IOException or UnauthorizedAccessException)
        {
            return RestoreTrace.Unknown;
        }
    }

    /// <summary>A server that does not answer now is asked again by the clock.</summary>
    private static async Task SweepAsync(IDatabaseEngine engine, Database database, CancellationToken cancellationToken)
    {
        try
        {
            await engine.SweepAsync(database.Location, cancellationToken);
        }
        catch (DatabaseException)
        {
        }
    }

    private async Task RecordOrSayWhereAsync(RunContext context, Checkpoint checkpoint, Database database, IDatabaseEngine engine, string problem)
    {
        try
        {
            await RecordAsync(context, checkpoint, database, engine);
        }
        catch (Exception fault) when (checkpoint.Undo is { } undo && File.Exists(undo.Path))
        {
            throw new DatabaseException(
                $"{problem} The exact copy of before could not be entered in the inventory: {FaultWords.Of(fault).Problem}",
                $"The copy of before is whole and lies in {undo.Path}. Keep that file until you have looked at the data.",
                fault);
        }
    }

    private static RunOutcome Untouched() => RunOutcome.Interrupted("Stopped with the dashboard before anything was changed.", "The dashboard was stopped while this ran.", "Start the restore again if it is still wanted.");

    private async Task<Checkpoint> NewCheckpointAsync(Database database, IDatabaseEngine engine, bool withoutUndo, CancellationToken cancellationToken)
    {
        var beside = withoutUndo ? null : await FindFreePlaceAsync(database, engine, cancellationToken);
        return new Checkpoint(null, withoutUndo || beside is not null ? null : NewUndo(database, engine), null, null, false, Guid.Empty) { Beside = beside };
    }

    /// <summary>Places have the second in their names: after another restore within the same second, the place of the next second that is free.</summary>
    private async Task<ContentPlace?> FindFreePlaceAsync(Database database, IDatabaseEngine engine, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        if (engine.PlaceUndoBeside(database.Location, at) is not { } place)
        {
            return null;
        }

        // Also those of before, so that no name means two restores.
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var taken = await store.Restores.Where(restore => restore.DatabaseId == database.Id && restore.Kept != null).Select(restore => restore.Kept!).ToHashSetAsync(cancellationToken);
        taken.UnionWith((await engine.ListKeptAsync(database.Location, cancellationToken)).Select(kept => kept.Place.Name));
        while (taken.Contains(place.Name))
        {
            at = at.AddSeconds(1);
            place = engine.PlaceUndoBeside(database.Location, at)!;
        }

        return place;
    }

    private static void DeleteWork(Checkpoint checkpoint)
    {
        if (checkpoint.Work is { } work)
        {
            CheckBackup.DeleteWork(work);
        }
    }

    private UndoCopy NewUndo(Database database, IDatabaseEngine engine)
    {
        var folder = folders.Prepare(database);
        var name = BackupFolders.FreeName(folder, database.Slug, BackupKind.Undo, time.GetUtcNow());
        return new UndoCopy(Guid.CreateVersion7(time.GetUtcNow()), folder, name, name + engine.Description.FileExtension);
    }

    /// <summary>Structure and counts before anyone waits for us: quick, for the checksum says that it is what was checked in full when it was taken.</summary>
    private async Task<IReadOnlyList<TableRows>> CheckAsync(IDatabaseEngine engine, Backup backup, string work, RunProgress progress, CancellationToken cancellationToken)
    {
        var check = await engine.CheckCopyAsync(work, TableCounts.Read(backup.Rows), CheckDepth.Quick, progress, cancellationToken);
        if (check.IsSound)
        {
            return check.Rows;
        }

        var problem = string.Join(" ", check.Problems.Take(3));
        await unpack.MarkAsync(backup.Id, CheckLevel.Invalid, problem, CancellationToken.None);
        throw new DatabaseDamagedException($"The backup is damaged: {problem} Nothing was changed.", "Use another backup.");
    }

    /// <summary>Makes the undo copy a backup and writes down that content was replaced. Safe to repeat: its ids stand in the checkpoint.</summary>
    private async Task<Restore> RecordAsync(RunContext context, Checkpoint checkpoint, Database database, IDatabaseEngine engine)
    {
        var now = time.GetUtcNow();
        var undo = checkpoint.Undo;
        var restore = new Restore
        {
            Id = Guid.CreateVersion7(now),
            DatabaseId = database.Id,
            BackupId = checkpoint.BackupId,
            UndoBackupId = undo is not null && File.Exists(undo.Path) ? undo.Id : null,
            Kept = checkpoint.Beside?.Name,
            KeptBytes = checkpoint.Beside is { } beside ? await MeasureKeptAsync(engine, database, beside) : null,
            RunId = context.Run.Id,
            LoginId = checkpoint.Beside is null ? null : LendLogin.IdOf(context.Run),
            RestoredAt = now,
            UndoUntil = now.AddHours(options.CurrentValue.UndoHours),
            IsUndo = checkpoint.IsUndo,
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
        var check = await LookAtAsync(engine, undo.Path);
        var manifest = new BackupManifest
        {
            Id = undo.Id,
            Kind = BackupKind.Undo,
            File = undo.File,
            TakenAt = checkpoint.FrozenAt ?? now,
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
            Notes = check.Notes,
            RestoreByHand = string.Format(System.Globalization.CultureInfo.InvariantCulture, engine.Description.RestoreByHand, undo.File),
        };
        await publish.AnnounceAsync(undo.Folder, undo.Name, manifest, restore, CancellationToken.None);
        return restore;
    }

    /// <summary>For the page only; what can't be measured now is measured when somebody looks.</summary>
    private static async Task<long?> MeasureKeptAsync(IDatabaseEngine engine, Database database, ContentPlace kept)
    {
        try
        {
            return (await engine.ListKeptAsync(database.Location, CancellationToken.None)).FirstOrDefault(one => one.Place == kept)?.Bytes;
        }
        catch (DatabaseException)
        {
            return null;
        }
    }

    /// <summary>That it could not be looked at is written into the copy; it does not cost the copy.</summary>
    private static async Task<CopyCheck> LookAtAsync(IDatabaseEngine engine, string file)
    {
        try
        {
            return await engine.CheckCopyAsync(file, null, CheckDepth.Quick, RunProgress.None, CancellationToken.None);
        }
        catch (DatabaseException fault)
        {
            return new CopyCheck([fault.Message], []);
        }
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

    /// <param name="FrozenAt">Of when the undo copy is, whenever it is entered in the inventory.</param>
    private sealed record Checkpoint(string? Work, UndoCopy? Undo, string? Token, DateTimeOffset? FrozenAt, bool IsUndo, Guid BackupId)
    {
        /// <summary>Set instead of <see cref="Undo"/> where the engine keeps the live database itself.</summary>
        public ContentPlace? Beside { get; init; }

        [JsonIgnore]
        public ContentPlace? Place => Beside ?? (Undo is null ? null : ContentPlace.File(Undo.Path));
    }
}

internal sealed record Replaced(RestoreResult Result, Restore Restore);
