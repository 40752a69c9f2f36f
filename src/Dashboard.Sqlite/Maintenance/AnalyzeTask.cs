using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Counts anew what SQLite chooses its indexes by (https://www.sqlite.org/lang_analyze.html).</summary>
internal sealed class AnalyzeTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>Entries looked at in each index: what SQLite's makers recommend, and enough to choose by.</summary>
    private const int Limit = 1000;

    /// <summary>The planner chooses by orders of magnitude: SQLite's own PRAGMA optimize waits for a tenfold change, and its dry run needs a lock of writers.</summary>
    private const double StaleFactor = 3;

    public override MaintenanceDescription Description { get; } = new(
        "analyze",
        "Update statistics",
        "Update the statistics of {0}",
        "Looks into every index, so that SQLite knows which of them is the better way to an answer. Queries may become faster, never wrong.",
        "Whoever writes waits for some milliseconds.",
        "Almost no room. A look at up to a thousand entries of each index.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken)
    {
        var tables = ReadTables.Run(ground.Location, TimeSpan.Zero, Time, cancellationToken).Tables.Where(table => table is { IndexCount: > 0, Rows.Value: > 0 }).ToList();
        if (tables.Count == 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.No, "There is no index to choose.");
        }

        var left = Watch(ground, FindLeft, cancellationToken);
        tables = [.. tables.Where(table => !left.Any(one => one.Table == table.Name))];
        if (tables.Count == 0)
        {
            return MaintenanceOutlook.Refused($"No table with an index can be read by SQLite here: {Listed(left)}.", "Run ANALYZE from the application, which has what is missing here.");
        }

        var without = left.Count == 0 ? "" : $" Left out: {Listed(left)}.";
        if (SqliteConnections.Watch(ground.Location, ReadCounted) is not { } counted)
        {
            return new MaintenanceOutlook(MaintenanceWorth.Yes, $"There are no statistics yet: SQLite guesses which index is better.{without}");
        }

        var stale = tables.Where(table => !counted.TryGetValue(table.Name, out var rows) || IsStale(rows, table.Rows!.Value)).Select(table => table.Name).ToList();
        return stale.Count > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"The statistics of {Words.List(stale)} no longer fit.{without}")
            : new MaintenanceOutlook(MaintenanceWorth.No, $"The statistics still fit the tables.{without}");
    }

    /// <summary>Tables of which an index needs what only the application has: ANALYZE of the whole would stop at the first.</summary>
    private static List<(string Table, string Reason)> FindLeft(SqliteConnection connection) => Prepare.FindFault(connection, "ANALYZE main") is null
        ? []
        : [.. Tables.Read(connection).Select(table => (Table: table, Fault: Prepare.FindFault(connection, Analyze(table)))).Where(table => table.Fault is not null).Select(table => (table.Table, MissingPart.Reason(table.Fault!)))];

    private static string Analyze(string table) => $"ANALYZE main.{SqliteStatements.Quoted(table)}";

    private static string Listed(List<(string Table, string Reason)> left) => Words.List([.. left.Select(one => $"{one.Table} ({one.Reason})")]);

    private static bool IsStale(long counted, long now) => now > counted * StaleFactor || now * StaleFactor < counted;

    /// <summary>Rows of each table when it was last looked into: the first number of each line. Null when that was never.</summary>
    private static Dictionary<string, long>? ReadCounted(SqliteConnection connection) =>
        connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") == 0
            ? null
            : connection.ReadRows("SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl", row => (Table: row.GetString(0), Rows: row.GetInt64(1))).ToDictionary(line => line.Table, line => line.Rows, StringComparer.Ordinal);

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Looking into the indexes");
        var left = Watch(ground, FindLeft, cancellationToken);
        using var connection = OpenToWrite(ground);
        connection.Execute($"PRAGMA analysis_limit = {Limit}");
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        foreach (var statement in left.Count == 0 ? ["ANALYZE main"] : Tables.Read(connection).Except(left.Select(one => one.Table)).Select(Analyze))
        {
            Execute(connection, ground, statement, cancellationToken);
        }

        var done = $"Statistics of {Indexes(connection.ReadLong("SELECT COUNT(*) FROM sqlite_stat1 WHERE idx IS NOT NULL"))} are new.";
        return left.Count == 0
            ? new MaintenanceResult(done)
            : new MaintenanceResult(done, $"Left out: {Listed(left)}.", "Run ANALYZE from the application, which has what is missing here.") { Findings = [.. left.Select(one => $"{one.Table}: {one.Reason}")] };
    }
}
