using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
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

        if (SqliteConnections.Watch(ground.Location, ReadCounted) is not { } counted)
        {
            return new MaintenanceOutlook(MaintenanceWorth.Yes, "There are no statistics yet: SQLite guesses which index is better.");
        }

        var stale = tables.Where(table => !counted.TryGetValue(table.Name, out var rows) || IsStale(rows, table.Rows!.Value)).Select(table => table.Name).ToList();
        return stale.Count > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"The statistics of {Words.List(stale)} no longer fit.")
            : new MaintenanceOutlook(MaintenanceWorth.No, "The statistics still fit the tables.");
    }

    private static bool IsStale(long counted, long now) => now > counted * StaleFactor || now * StaleFactor < counted;

    /// <summary>Rows of each table when it was last looked into: the first number of each line. Null when that was never.</summary>
    private static Dictionary<string, long>? ReadCounted(SqliteConnection connection) =>
        connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") == 0
            ? null
            : connection.ReadRows("SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl", row => (Table: row.GetString(0), Rows: row.GetInt64(1))).ToDictionary(line => line.Table, line => line.Rows, StringComparer.Ordinal);

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Looking into the indexes");
        using var connection = OpenToWrite(ground);
        connection.Execute($"PRAGMA analysis_limit = {Limit}");
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        Execute(connection, ground, "ANALYZE", cancellationToken);
        return new MaintenanceResult($"Statistics of {Indexes(connection.ReadLong("SELECT COUNT(*) FROM sqlite_stat1 WHERE idx IS NOT NULL"))} are new.");
    }
}
