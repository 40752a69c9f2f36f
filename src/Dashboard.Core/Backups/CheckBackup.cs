using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

internal sealed record BackupArguments(Guid BackupId, bool WithoutOwners = false, Guid? LoginId = null, bool LeavesOut = false);

/// <summary>Checks a backup again: reads it, unpacks it, has its structure checked in full, and counts its rows.</summary>
internal sealed class CheckBackup(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, UnpackBackup unpack) : IJob
{
    public const string JobKey = JobKeys.CheckBackup;

    public string Key => JobKey;

    public string Title => "Check a backup of {0}";

    public bool Writes => false;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.CheckBackup;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (backup, database) = await FindAsync(stores, context.Run, cancellationToken);
        var work = WorkFile(backup, context.Run);
        try
        {
            await unpack.UnpackAsync(backup, work, context.Progress, cancellationToken);
            var rows = TableCounts.Read(backup.Rows);
            var check = await engines.For(database).CheckCopyAsync(work, rows, CheckDepth.Full, context.Progress, cancellationToken);
            if (!check.IsSound)
            {
                var problem = string.Join(" ", check.Problems.Take(3));
                await unpack.MarkAsync(backup.Id, CheckLevel.Invalid, problem, CancellationToken.None);
                throw new DatabaseDamagedException($"The backup is damaged: {problem}", "Use another backup, and back up again now.");
            }

            // What was missing when it was taken is missing still: a check takes back what a check found, and nothing else.
            var manifest = await BackupManifest.FindAsync(backup, cancellationToken);
            IReadOnlyList<string> notes = [.. (manifest?.Manifest.Notes ?? backup.NoteList).Union(check.Notes)];
            await unpack.MarkAsync(backup.Id, Max(backup.Level, CheckLevel.Compared), manifest?.Manifest.Problem, CancellationToken.None, notes);
            context.Progress.Warn(notes);
            var summary = $"Read back, unpacked to {Words.Bytes(backup.ContentBytes)}, structure checked, {Words.Count(check.Rows.Count, "table")} and "
                + $"{Words.Count(check.Rows.Sum(table => table.Rows), "row")} as recorded, in {Words.Duration(Stopwatch.GetElapsedTime(began))}.";
            return notes.Count == 0 ? RunOutcome.Succeeded(summary) : RunOutcome.WithWarnings(summary, string.Join(" ", notes), TakeBackup.NotesNextStep);
        }
        finally
        {
            DeleteWork(work);
        }
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        var (backup, _) = await FindAsync(stores, context.Run, cancellationToken);
        DeleteWork(WorkFile(backup, context.Run));
        return RunOutcome.Interrupted("Stopped with the dashboard. The backup was only read.", "The dashboard was stopped while this ran.", "Check it again.");
    }

    private static CheckLevel Max(CheckLevel one, CheckLevel other) => one > other ? one : other;

    /// <exception cref="DatabaseException">When the backup is not in the inventory any more.</exception>
    internal static async Task<(Backup Backup, Database Database)> FindAsync(IDbContextFactory<DashboardStore> stores, Run run, CancellationToken cancellationToken)
    {
        var wanted = JsonSerializer.Deserialize<BackupArguments>(run.Arguments ?? "{}")?.BackupId ?? Guid.Empty;
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backup = await store.Backups.AsNoTracking().FirstOrDefaultAsync(row => row.Id == wanted, cancellationToken)
            ?? throw new DatabaseMissingException("This backup is no longer in the inventory.", "Choose another backup.");
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == backup.DatabaseId, cancellationToken);
        return (backup, database);
    }

    /// <summary>A name that no other run uses, on the disk of the backup.</summary>
    internal static string WorkFile(Backup backup, Run run) => Path.Combine(backup.Folder, run.Id.ToString("N") + BackupFolders.WorkExtension);

    /// <summary>The work file and what the engine may have left beside it.</summary>
    internal static void DeleteWork(string work)
    {
        var folder = Path.GetDirectoryName(work)!;
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, Path.GetFileName(work) + "*"))
        {
            File.Delete(file);
        }
    }
}
