using System.Text.Json;
using System.Text.Json.Serialization;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <summary>What a run of maintenance is told.</summary>
/// <param name="Task">Key of one task; null for all that are worth it.</param>
public sealed record MaintenanceArguments(string? Task)
{
    /// <summary>Key of the one thing that the task is to be done to; null for the whole database. Left out of what is stored when it is null, by which schedules are found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }
}

/// <summary>Runs one task, or all that are worth it now, and keeps what each of them brought.</summary>
internal sealed class RunMaintenance(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, KeepResult keep) : IJob
{
    public string Key => JobKeys.Maintenance;

    public string Title => "Maintain {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.Maintain;

    public string TitleOf(string? arguments)
    {
        var (key, target) = Read(arguments) is var told ? (told.Task, told.Target) : default;
        var title = engines.Engines.OfType<IMaintained>().SelectMany(engine => engine.Tasks).FirstOrDefault(task => task.Description.Key == key)?.Description.RunTitle ?? Title;

        // The title is a format, and a name may hold braces.
        return target is null ? title : $"{title}: {target.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal)}";
    }

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var engine = EngineOf(database);
        if (Read(context.Run.Arguments).Task is { } key)
        {
            var task = engine.Tasks.FirstOrDefault(task => task.Description.Key == key)
                ?? throw new DatabaseException($"There is no maintenance task “{key}” for this database.", "Choose another one.");
            if (task.Description.Warning is not null && context.Run.ScheduleId is not null)
            {
                throw new DatabaseException($"“{task.Description.Title}” takes the database away from everybody and never runs by itself.", "Run it when the applications can wait.");
            }

            context.Progress.Phase("Looking");
            Demand(await task.LookAheadAsync(database.Location, cancellationToken));
            return Outcome([await DoAsync(context, database, engine, task, cancellationToken, Read(context.Run.Arguments).Target)]);
        }

        return await DoAllAsync(context, database, engine, cancellationToken);
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        try
        {
            var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
            await engines.For(database).SweepAsync(database.Location, cancellationToken);
        }
        catch (DatabaseException)
        {
            // A database that can't be reached now is swept by the clock.
        }

        return RunOutcome.Interrupted("Stopped with the dashboard. The database took back what was not finished; its content is unchanged.", "The dashboard was stopped while this ran.", "Run it again.");
    }

    private async Task<RunOutcome> DoAllAsync(RunContext context, Database database, IMaintained engine, CancellationToken cancellationToken)
    {
        List<Done> done = [];
        List<string> leftOut = [];
        try
        {
            foreach (var task in engine.Tasks.Where(task => task.Description.IsForAll))
            {
                context.Progress.Phase($"Looking: {task.Description.Title}");
                var outlook = await task.LookAheadAsync(database.Location, cancellationToken);
                if (outlook.Refusal is { } refusal)
                {
                    context.Progress.Log($"{task.Description.Title} was left out: {refusal}");
                    leftOut.Add($"{task.Description.Title} ({refusal.TrimEnd('.')})");
                }
                else if (outlook.Worth == MaintenanceWorth.No)
                {
                    context.Progress.Log($"{task.Description.Title} was left out: {outlook.Gain}");
                    leftOut.Add(task.Description.Title);
                }
                else
                {
                    done.Add(await DoAsync(context, database, engine, task, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException stopped) when (done.Count > 0)
        {
            var before = $"Done before: {Words.List([.. done.Select(one => one.Task.Title)], done.Count)}.";
            throw new PartlyDoneException(stopped is PartlyDoneException partly ? $"{before} {partly.Message}" : before, cancellationToken);
        }

        return Outcome(done, leftOut);
    }

    private static void Demand(MaintenanceOutlook outlook)
    {
        if (outlook.Refusal is { } refusal)
        {
            throw new DatabaseException(refusal, outlook.NextStep);
        }
    }

    private sealed record Done(MaintenanceDescription Task, MaintenanceResult Result, string Sentence);

    private async Task<Done> DoAsync(RunContext context, Database database, IMaintained engine, IMaintenanceTask task, CancellationToken cancellationToken, string? target = null)
    {
        var (result, record) = await keep.OfAsync(
            context, database, engine, task.Description.Key, task.Description.Title, () => RunAsync(), cancellationToken);
        return new Done(task.Description, result, Sentence(result.Sentence, record));

        Task<MaintenanceResult> RunAsync() => (target, task) switch
        {
            (null, _) => task.RunAsync(database.Location, context.Progress, cancellationToken),
            (_, IAimedTask aimed) => aimed.RunAsync(database.Location, target, context.Progress, cancellationToken),
            _ => throw new DatabaseException($"“{task.Description.Title}” is always done to the whole database.", "Run it without choosing."),
        };
    }

    /// <summary>What the database itself shows: the sizes are read, not promised.</summary>
    private static string Sentence(string sentence, MaintenanceRecord record) => record.SavedBytes > 0
        ? $"{sentence} {Words.Bytes(record.SizeBefore)} → {Words.Bytes(record.SizeAfter)}: gave back {Words.Share(record.SavedShare)}."
        : sentence;

    private static RunOutcome Outcome(List<Done> done, List<string>? leftOut = null)
    {
        var sentences = done.Select(one => done.Count == 1 ? one.Sentence : $"{one.Task.Title}: {one.Sentence}");
        var summary = string.Join(' ', sentences);
        if (leftOut is { Count: > 0 })
        {
            summary = $"{(done.Count == 0 ? "Nothing was worth it now." : summary)} Left out: {Words.List(leftOut, leftOut.Count)}.";
        }

        var wrong = done.Where(one => one.Result.Problem is not null).ToList();
        if (wrong.Count == 0)
        {
            return RunOutcome.Succeeded(summary);
        }

        var problem = EngineLines.Join(wrong.Select(one => one.Result.ProblemInFull!));
        var nextStep = wrong.OrderByDescending(one => one.Result.IsDamage).First().Result.NextStep;
        return wrong.Any(one => one.Result.IsDamage)
            ? new RunOutcome(RunState.Failed, summary, problem, nextStep)
            : RunOutcome.WithWarnings(summary, problem, nextStep);
    }

    private IMaintained EngineOf(Database database) =>
        engines.For(database) as IMaintained ?? throw new DatabaseException("Databases of this kind have no maintenance here.");

    private static MaintenanceArguments Read(string? arguments) => arguments is null ? new(null) : JsonSerializer.Deserialize<MaintenanceArguments>(arguments) ?? new(null);
}
