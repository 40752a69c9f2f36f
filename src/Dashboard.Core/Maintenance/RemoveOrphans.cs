using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <param name="Rows">As many as the person has seen and agreed to: so many go.</param>
/// <param name="Emptied">So many stay with an empty key.</param>
internal sealed record OrphanArguments(long Rows, long Emptied = 0);

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

        var agreed = JsonSerializer.Deserialize<OrphanArguments>(context.Run.Arguments!)!;
        var folder = folders.Prepare(database);
        var file = Path.Combine(folder, BackupFolders.FreeName(folder, database.Slug, "removed_rows", time.GetUtcNow()) + orphanage.KeptExtension);
        await context.CheckpointAsync(file);
        var (result, _) = await keep.OfAsync(
            context,
            database,
            maintained,
            Key,
            "Orphaned rows",
            async () => Describe(await orphanage.RemoveOrphansAsync(database.Location, file, new OrphanCount(agreed.Rows, agreed.Emptied), context.Progress, cancellationToken), file),
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
        var sentence = removed.Count.IsNothing ? "There was nothing to remove." : $"{string.Join(" ", Done())} A copy of {(removed.Count.Removed + removed.Count.Emptied == 1 ? "it" : "them")} lies in {file}.";
        return removed.Left.Count == 0
            ? new MaintenanceResult(sentence) { Findings = [.. removed.Groups.Select(group => group.ToString())] }
            : new MaintenanceResult(sentence, "Not every orphan could be removed.", "Read below what is in the way.") { Findings = [.. removed.Groups.Select(group => group.ToString()), .. removed.Left] };

        IEnumerable<string> Done()
        {
            if (removed.Count.Removed > 0)
            {
                yield return $"Removed {Words.Count(removed.Count.Removed, "row")} of {removed.Tables(areEmptied: false)}.";
            }

            if (removed.Count.Emptied > 0)
            {
                yield return $"Emptied the key of {Words.Count(removed.Count.Emptied, "row")} of {removed.Tables(areEmptied: true)}.";
            }
        }
    }
}
