using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Builds the indexes anew from their tables (https://www.sqlite.org/lang_reindex.html), one after the other, so that writers get in between.</summary>
internal sealed class ReindexTask(TimeProvider time) : SqliteTask(time), IAimedTask
{
    private const string NextStep = "Run REINDEX from the application, which has what is missing here.";

    public override MaintenanceDescription Description { get; } = new(
        "reindex",
        "Rebuild indexes",
        "Rebuild the indexes of {0}",
        "Makes every index anew from the rows. It mends an index that no longer fits its table, after a sort order has changed or an integrity check found it.",
        "Whoever writes waits while an index is built, and gets in between two of them.",
        "Room for the largest index twice. About as long as creating them took.",
        IsForAll: false)
    {
        CanBeScheduled = true,
    };

    public Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken) => SqliteEngine.AskAsync(
        location,
        () =>
        {
            var indexes = Ground.Read(location, Time, cancellationToken) is var ground ? SqliteConnections.Watch(ground.Location, Read) : [];
            return (IReadOnlyList<MaintenanceTarget>)
            [
                .. indexes.Select(index => index.Table).Distinct().Order(StringComparer.Ordinal).Select(table => MaintenanceTarget.Table(table)),
                .. indexes.Select(index => MaintenanceTarget.Index(index.Name)),
            ];
        },
        cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken) =>
        SqliteEngine.AskAsync(location, () => Run(Ground.Read(location, Time, cancellationToken), target, progress, cancellationToken), cancellationToken);

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken) =>
        RefusedForLitestream(ground)
        ?? Watch(ground, connection =>
        {
            var indexes = Read(connection);
            var left = indexes.Select(index => (index.Name, Fault: Prepare.FindFault(connection, Reindex(index.Name)))).Where(index => index.Fault is not null)
                .Select(index => $"{index.Name} ({MissingPart.Reason(index.Fault!)})").ToList();
            return (indexes.Count, left.Count) switch
            {
                (0, _) => new MaintenanceOutlook(MaintenanceWorth.No, "There is no index."),
                var (all, some) when all == some => MaintenanceOutlook.Refused($"No index can be rebuilt here: {Words.List(left)}.", NextStep),
                var (all, some) => new MaintenanceOutlook(
                    MaintenanceWorth.Unknown,
                    $"{Indexes(all)}. Needed only when an integrity check finds one wrong.{(some == 0 ? "" : $" {Indexes(some)} can't be rebuilt here: {Words.List(left)}.")}"),
            };
        }, cancellationToken);

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken) => Run(ground, null, progress, cancellationToken);

    /// <param name="target">Null for all.</param>
    private MaintenanceResult Run(Ground ground, string? target, RunProgress progress, CancellationToken cancellationToken)
    {
        using var connection = OpenToWrite(ground);
        var names = Choose(Read(connection), target);
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        var left = new List<string>();
        var built = 0;
        for (var number = 0; number < names.Count; number++)
        {
            progress.Phase($"Building {names[number]} ({number + 1} of {names.Count})");
            try
            {
                if (Build(connection, ground, names[number], cancellationToken) is { } reason)
                {
                    left.Add($"{names[number]}: {reason}");
                }
                else
                {
                    built++;
                }
            }
            catch (Exception fault) when (fault is SqliteException or OperationCanceledException && cancellationToken.IsCancellationRequested && built > 0)
            {
                throw new PartlyDoneException($"{Indexes(built)} {(built == 1 ? "is built anew and stays" : "are built anew and stay")} so; the others are as they were.", cancellationToken);
            }
        }

        var done = $"Built {Indexes(built)} anew.";
        return left.Count == 0
            ? new MaintenanceResult(done)
            : new MaintenanceResult(done, $"{Indexes(left.Count)} could not be built.", NextStep) { Findings = left };
    }

    private static List<string> Choose(IReadOnlyList<(string Name, string Table)> indexes, string? target)
    {
        if (target is null)
        {
            return [.. indexes.Select(index => index.Name)];
        }

        var (name, table) = MaintenanceTarget.Read(target);
        var chosen = indexes.Where(index => index.Name == name || index.Table == table).Select(index => index.Name).ToList();
        return chosen.Count > 0 ? chosen : throw new DatabaseException($"There is no {target} any more.", "Load the page again and choose another one.");
    }

    /// <summary>Why an index could not be built: one that needs something of its application stays as it is.</summary>
    private string? Build(SqliteConnection connection, Ground ground, string name, CancellationToken cancellationToken)
    {
        try
        {
            Execute(connection, ground, Reindex(name), cancellationToken);
            return null;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            return MissingPart.Reason(error);
        }
    }

    private static string Reindex(string name) => $"REINDEX main.{SqliteStatements.Quoted(name)}";

    private static List<(string Name, string Table)> Read(SqliteConnection connection) => connection.ReadRows(
        "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' ORDER BY name",
        row => (row.GetString(0), row.GetString(1)));
}
