using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <param name="Rows">As many as the person has seen and agreed to.</param>
internal sealed record OrphanArguments(long Rows);

/// <summary>Removes rows whose parent is not there, with what loses its parent by that, and keeps a copy of them beside the backups.</summary>
internal sealed class RemoveOrphans(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, BackupFolders folders, KeepResult keep, TimeProvider time) : IJob
{
    public string Key => JobKeys.RemoveOrphans;

    public string Title => "Remove the orphaned rows of {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RemoveOrphans;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var engine = engines.For(database);
        if (engine is not (IOrphanage orphanage and IMaintained maintained))
        {
            throw new DatabaseException("Databases of this kind have no orphaned rows.");
        }

        var rows = JsonSerializer.Deserialize<OrphanArguments>(context.Run.Arguments!)!.Rows;
        var folder = folders.Prepare(database);
        var file = Path.Combine(folder, BackupFolders.FreeName(folder, database.Slug, "removed_rows", time.GetUtcNow()) + orphanage.KeptExtension);
        await context.CheckpointAsync(file);
        var (result, _) = await keep.OfAsync(
            context,
            database,
            maintained,
            Key,
            "Orphaned rows",
            async () => Describe(await orphanage.RemoveOrphansAsync(database.Location, file, rows, context.Progress, cancellationToken), file),
            cancellationToken);
        return KeepResult.Outcome(result);
    }

    public Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        // The copy has its name before the rows go, so without it none went.
        var summary = context.Run.Checkpoint is { } file && File.Exists(file)
            ? $"Stopped with the dashboard at the last moment: either all of these rows are gone, or none. A copy of them lies in {file}."
            : "Stopped with the dashboard before anything was removed.";
        return Task.FromResult(RunOutcome.Interrupted(summary, "The dashboard was stopped while this ran.", "Check the foreign keys once more."));
    }

    private static MaintenanceResult Describe(OrphanList removed, string file)
    {
        var sentence = removed.Rows == 0
            ? "There was nothing to remove."
            : $"Removed {Words.Count(removed.Rows, "row")} of {Words.List([.. removed.Groups.Select(group => group.Table).Distinct()])}. A copy of {(removed.Rows == 1 ? "it" : "them")} lies in {file}.";
        return removed.Left.Count == 0
            ? new MaintenanceResult(sentence) { Findings = [.. removed.Groups.Select(group => group.ToString())] }
            : new MaintenanceResult(sentence, "Not every orphan could be removed.", "Read below what is in the way.") { Findings = [.. removed.Groups.Select(group => group.ToString()), .. removed.Left] };
    }
}
