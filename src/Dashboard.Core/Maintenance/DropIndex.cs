using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <param name="CreatedBy">The run that made it.</param>
internal sealed record DropIndexArguments(IndexDraft Draft, Guid CreatedBy);

/// <summary>Removes an index that was made from here.</summary>
internal sealed class DropIndex(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, KeepResult keep) : IJob
{
    public string Key => JobKeys.DropIndex;

    public string Title => "Remove an index from {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.ChangeIndexes;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var (maintained, maker) = CreateIndex.Engine(engines, database);
        var draft = Read(context.Run).Draft;
        var (result, _) = await keep.OfAsync(context, database, maintained, Key, "Remove index", async () =>
        {
            await maker.DropIndexAsync(database.Location, draft, context.Progress, cancellationToken);
            return new MaintenanceResult($"Removed {draft.Name} from {draft.Table}.");
        }, cancellationToken);
        return KeepResult.Outcome(result);
    }

    public Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken) => Task.FromResult(
        RunOutcome.Interrupted("Stopped with the dashboard. The list of indexes shows whether it is gone.", "The dashboard was stopped while this ran.", "Remove it again if it is still there."));

    internal static DropIndexArguments Read(Run run) => JsonSerializer.Deserialize<DropIndexArguments>(run.Arguments!)!;
}
