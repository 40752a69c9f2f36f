using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>What can be asked of a backup.</summary>
/// <param name="CountsRows">Whether rows are counted in the database too, where its engine would count them in what it wrote only.</param>
public sealed record BackupWish(bool CountsRows);

/// <summary>Takes a backup while writers go on, checks it, and publishes it so that half a backup never looks whole.</summary>
internal sealed class TakeBackup(
    IDbContextFactory<DashboardStore> stores,
    EngineCatalog engines,
    BackupFolders folders,
    PublishBackup publish,
    IOptionsMonitor<DashboardOptions> options,
    TimeProvider time) : IJob
{
    public const string JobKey = JobKeys.Backup;

    internal const string NotesNextStep = "The backup is good. The notes name what could not be checked or needs care.";

    public string Key => JobKey;

    public string Title => "Back up {0}";

    public bool Writes => false;

    public bool IsOneAtATime => true;

    public Verb Verb => Verb.TakeBackup;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var engine = engines.For(database);
        var compression = options.CurrentValue.Compression;

        context.Progress.Phase("Preparing");
        var folder = folders.Prepare(database);
        await DemandSpaceAsync(engine, database, folder, cancellationToken);

        var takenAt = time.GetUtcNow();
        var name = BackupFolders.FreeName(folder, database.Slug, BackupKind.Backup, takenAt);
        var file = name + engine.Description.FileExtension + Artefact.Extension(compression);
        var partial = Path.Combine(folder, file + DurableFiles.PartialExtension);
        var work = Path.Combine(folder, name + BackupFolders.WorkExtension);
        await context.CheckpointAsync(JsonSerializer.Serialize(new Checkpoint(folder, name, file)));

        try
        {
            var (content, written) = await WriteAsync(engine, database, partial, work, compression, context, cancellationToken);
            CheckBackup.DeleteWork(work);
            (var reading, content) = await PublishBackup.ReadBackAsync(engine, content, partial, compression, written, context.Progress, cancellationToken);

            context.Progress.Phase("Publishing", canCancel: false);
            var size = new FileInfo(partial).Length;
            var took = Stopwatch.GetElapsedTime(began);
            await PublishBackup.WriteCompanionsAsync(folder, name, content.Companions, CancellationToken.None);
            await publish.PublishAsync(folder, name, partial, Describe(context.Run, database, engine, content, name, file, compression, takenAt, took, size, reading), CancellationToken.None);

            context.Progress.Warn([.. content.Warnings, .. content.Notes]);
            return Outcome(content, size, reading.ContentBytes, took, Path.Combine(folder, file));
        }
        finally
        {
            File.Delete(partial);
            CheckBackup.DeleteWork(work);
        }
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Run.Checkpoint is not { } json || JsonSerializer.Deserialize<Checkpoint>(json) is not { } left)
        {
            return RunOutcome.Interrupted("Stopped before it had written anything.", "The dashboard was stopped while this ran.", "Back up again.");
        }

        var manifestFile = Path.Combine(left.Folder, left.Name + BackupFolders.ManifestExtension);
        var data = Path.Combine(left.Folder, left.File);
        if (await BackupManifest.ReadAsync(manifestFile, cancellationToken) is { } manifest && File.Exists(data))
        {
            await publish.AnnounceAsync(left.Folder, left.Name, manifest, null, cancellationToken);
            var summary = $"{Words.Bytes(manifest.ContentBytes)} → {Words.Bytes(manifest.SizeBytes)}. The dashboard was stopped just after; the backup is whole.";
            return Outcome(summary, manifest.Warnings, manifest.Notes);
        }

        // Without its manifest it is no backup. The name is ours, from the checkpoint: nothing of anybody else is removed.
        foreach (var rest in new[] { data, data + DurableFiles.PartialExtension, manifestFile + DurableFiles.PartialExtension }.Concat(WorkFiles(left)).Concat(CompanionFiles(left)))
        {
            File.Delete(rest);
        }

        return RunOutcome.Interrupted("Stopped with the dashboard; the half-written file was removed.", "The dashboard was stopped while this ran.", "Back up again.");
    }

    /// <summary>The work file and whatever the engine left beside it.</summary>
    private static IEnumerable<string> WorkFiles(Checkpoint left) =>
        Directory.Exists(left.Folder) ? Directory.EnumerateFiles(left.Folder, left.Name + BackupFolders.WorkExtension + "*") : [];

    /// <summary>What was written beside the data file: no other file begins with its name.</summary>
    private static IEnumerable<string> CompanionFiles(Checkpoint left) =>
        Directory.Exists(left.Folder) ? Directory.EnumerateFiles(left.Folder, left.Name + ".*") : [];

    private async Task DemandSpaceAsync(IDatabaseEngine engine, Database database, string folder, CancellationToken cancellationToken)
    {
        var estimate = await engine.EstimateBackupAsync(database.Location, cancellationToken);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.Backups.Where(backup => backup.DatabaseId == database.Id && backup.Kind == BackupKind.Backup && backup.ContentBytes > 0)
            .OrderByDescending(backup => backup.TakenAt)
            .Select(backup => new { backup.SizeBytes, backup.ContentBytes })
            .FirstOrDefaultAsync(cancellationToken);

        // How well it was compressed last time, with a tenth more; as large as the copy when there was no last time.
        var ratio = last is null || options.CurrentValue.Compression == Compression.None ? 1.0 : Math.Min(1.0, 1.1 * last.SizeBytes / last.ContentBytes);
        BackupFolders.DemandSpace(folder, estimate.WorkBytes + (long)(estimate.ContentBytes * ratio), $"A backup of {database.Name}{(estimate.WorkBytes > 0 ? " (a checked copy and the file made of it)" : "")}");
    }

    private static async Task<(BackupContent Content, ArtefactWriting Written)> WriteAsync(
        IDatabaseEngine engine, Database database, string partial, string work, Compression compression, RunContext context, CancellationToken cancellationToken)
    {
        await using var file = DurableFiles.CreatePrivate(partial);
        BackupContent content;
        var artefact = Artefact.Write(file, compression, engine is IStreamedBackup);
        await using (artefact)
        {
            content = await engine.WriteBackupAsync(database.Location, new BackupStaging(work, artefact) { CountsSource = IsCounted(engine, context.Run) }, context.Progress, cancellationToken);
        }

        file.Flush(flushToDisk: true);
        return (content, artefact.Result);
    }

    private static bool IsCounted(IDatabaseEngine engine, Run run) =>
        engine is IStreamedBackup { CountingCost: not null } && run.Arguments is { } json && JsonSerializer.Deserialize<BackupWish>(json) is { CountsRows: true };

    private static BackupManifest Describe(
        Run run, Database database, IDatabaseEngine engine, BackupContent content, string name, string file, Compression compression, DateTimeOffset takenAt, TimeSpan took, long size, ArtefactReading reading) => new()
        {
            Id = Guid.CreateVersion7(takenAt),
            Kind = BackupKind.Backup,
            File = file,
            TakenAt = takenAt,
            TookSeconds = Math.Round(took.TotalSeconds, 3),
            AskedBy = run.AskedBy,
            RunId = run.Id,
            DatabaseId = database.Id,
            DatabaseName = database.Name,
            DatabaseSlug = database.Slug,
            Engine = engine.Description.Key,
            EngineVersion = content.EngineVersion,
            Location = database.Location,
            Compression = compression,
            SizeBytes = size,
            Sha256 = reading.Sha256,
            ContentBytes = reading.ContentBytes,
            ContentSha256 = reading.ContentSha256,
            Level = content.Level,
            Rows = content.Rows,
            SourceRows = content.SourceRows,
            Sizes = content.Sizes,
            Identity = content.Identity,
            Warnings = content.Warnings,
            Notes = content.Notes,
            Companions = [.. content.Companions.Select(companion => name + companion.Suffix)],
            RestoreByHand = string.Format(System.Globalization.CultureInfo.InvariantCulture, engine.Description.RestoreByHand, file),
        };

    private static RunOutcome Outcome(BackupContent content, long size, long bytes, TimeSpan took, string path)
    {
        var checkedWords = content.Level >= CheckLevel.Compared
            ? $"checked: {Words.Count(content.Rows.Count, "table")}, {Words.Count(content.Rows.Sum(table => table.Rows), "row")} as in the snapshot{(content.SourceRows is null ? "" : " (counted in the database too)")}"
            : content.Level == CheckLevel.Structure ? $"read back and its structure checked: {Words.Count(content.Rows.Count, "table")}, {Words.Count(content.Rows.Sum(table => table.Rows), "row")}"
            : "written and read back";
        var summary = $"{Words.Bytes(bytes)} → {Words.Bytes(size)} in {Words.Duration(took)}, {checkedWords}. {path}";
        return Outcome(summary, content.Warnings, content.Notes);
    }

    private static RunOutcome Outcome(string summary, IReadOnlyList<string> warnings, IReadOnlyList<string> notes) => (warnings, notes) switch
    {
        ([], []) => RunOutcome.Succeeded(summary),
        ([], _) => RunOutcome.WithWarnings(summary, string.Join(" ", notes), NotesNextStep),
        _ => RunOutcome.WithWarnings(summary, string.Join(" ", warnings.Concat(notes)), "Read the log of this run before you rely on the backup."),
    };

    private sealed record Checkpoint(string Folder, string Name, string File);
}
