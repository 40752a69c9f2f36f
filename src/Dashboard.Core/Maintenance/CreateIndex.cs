using System.Globalization;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <param name="Query">On which the effect is measured; null for none.</param>
internal sealed record CreateIndexArguments(IndexDraft Draft, string? Query);

/// <summary>Makes an index, and measures a query before and after it.</summary>
internal sealed class CreateIndex(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, KeepResult keep) : IJob
{
    /// <summary>Less is the noise of a machine.</summary>
    private const double NotableFactor = 1.1;

    public string Key => JobKeys.CreateIndex;

    public string Title => "Create an index in {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.ChangeIndexes;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var (maintained, maker) = Engine(engines, database);
        var (draft, query) = Read(context.Run);
        var before = query is null ? null : await MeasureAsync(context.Progress, maker, database, query, "before", cancellationToken);
        var (result, _) = await keep.OfAsync(context, database, maintained, Key, "Create index", async () =>
        {
            await maker.CreateIndexAsync(database.Location, draft, context.Progress, cancellationToken);
            return query is null ? new MaintenanceResult($"Created {draft.Name} on {draft.Table}.") : await CompareAsync(context.Progress, maker, database, draft, query, before!, cancellationToken);
        }, cancellationToken);
        return KeepResult.Outcome(result);
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        const string Problem = "The dashboard was stopped while this ran.";
        var (draft, _) = Read(context.Run);
        try
        {
            var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
            return await Engine(engines, database).Maker.TraceIndexAsync(database.Location, draft, cancellationToken)
                ? RunOutcome.Interrupted($"Stopped with the dashboard. The index {draft.Name} stands; its effect was not measured to the end.", Problem)
                : RunOutcome.Interrupted($"Stopped with the dashboard. There is no index {draft.Name}.", Problem, "Create it again if it is still wanted.");
        }
        catch (DatabaseException fault)
        {
            return RunOutcome.Interrupted($"Stopped with the dashboard. It can't be told now whether the index {draft.Name} stands: {fault.Message}", Problem, "Look at the list of indexes.");
        }
    }

    internal static (IMaintained Maintained, IIndexMaker Maker) Engine(EngineCatalog engines, Database database) =>
        engines.For(database) is IIndexMaker maker and IMaintained maintained ? (maintained, maker) : throw new DatabaseException("No index can be made in databases of this kind from here.");

    internal static CreateIndexArguments Read(Run run) => JsonSerializer.Deserialize<CreateIndexArguments>(run.Arguments!)!;

    private static async Task<QueryMeasure> MeasureAsync(RunProgress progress, IIndexMaker maker, Database database, string query, string when, CancellationToken cancellationToken)
    {
        progress.Phase($"Measuring the query {when}");
        var measure = await maker.MeasureQueryAsync(database.Location, query, cancellationToken);
        foreach (var line in Tell(measure, when))
        {
            progress.Log(line);
        }

        return measure;
    }

    private static IEnumerable<string> Tell(QueryMeasure measure, string when) =>
        measure.Plan.Select(line => $"Plan {when}: {line}").Prepend($"Time {when}: {measure.Time}{(measure.Runs > 1 ? $", the middle one of {Words.Count(measure.Runs, "run")}" : "")}");

    /// <summary>The index stands: whatever goes wrong with the measuring is told, and does not take it away.</summary>
    private static async Task<MaintenanceResult> CompareAsync(RunProgress progress, IIndexMaker maker, Database database, IndexDraft draft, string query, QueryMeasure before, CancellationToken cancellationToken)
    {
        QueryMeasure after;
        try
        {
            after = await MeasureAsync(progress, maker, database, query, "after", cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new MaintenanceResult($"Created {draft.Name} on {draft.Table}. The query was not measured to the end.");
        }
        catch (DatabaseException fault)
        {
            return new MaintenanceResult($"Created {draft.Name} on {draft.Table}.", $"The query could not be measured after it: {fault.Message}", fault.NextStep);
        }

        IReadOnlyList<string> findings = [.. Tell(before, "before"), .. Tell(after, "after")];
        var sentence = $"Created {draft.Name} on {draft.Table}. The query took {before.Time} before and takes {after.Time} now{Factor(before, after)}.";
        return after.Indexes.Contains(draft.Name)
            ? new MaintenanceResult($"{sentence} It uses the new index.") { Findings = findings }
            : new MaintenanceResult(sentence, "The query does not use the new index.", "Update the statistics and look again, or remove the index: each write has to keep it.") { Findings = findings };
    }

    private static string Factor(QueryMeasure before, QueryMeasure after) => (before.Median, after.Median) is ({ } slow, { } quick) && quick > TimeSpan.Zero
        ? (slow / quick) switch
        {
            >= NotableFactor and var factor => $" ({factor.ToString(factor < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture)} times as fast)",
            <= 1 / NotableFactor and var factor => $" ({(1 / factor).ToString("0.#", CultureInfo.InvariantCulture)} times as long)",
            _ => " (about the same)",
        }
        : "";
}
