using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Counts anew what SQLite chooses its indexes by (https://www.sqlite.org/lang_analyze.html).</summary>
internal sealed class AnalyzeTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>Entries looked at in each index: what SQLite's makers recommend, and enough to choose by.</summary>
    private const int Limit = 1000;

    /// <summary>Says what it would do, for all tables, and does nothing (https://www.sqlite.org/pragma.html#pragma_optimize).</summary>
    private const string WhatOptimizeWouldDo = "PRAGMA optimize(-1)";

    public override MaintenanceDescription Description { get; } = new(
        "analyze",
        "Update statistics",
        "Update the statistics of {0}",
        "Looks into every index, so that SQLite knows which of them is the better way to an answer. Queries may become faster, never wrong.",
        "Whoever writes waits for some milliseconds.",
        "Almost no room. A look at up to a thousand entries of each index.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken) => SqliteConnections.Watch(ground.Location, connection =>
    {
        if (connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'") == 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.No, "There is no index to choose.");
        }

        if (connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") == 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.Yes, "There are no statistics yet: SQLite guesses which index is better.");
        }

        var stale = connection.ReadTexts(WhatOptimizeWouldDo).Count(statement => statement.StartsWith("ANALYZE", StringComparison.OrdinalIgnoreCase));
        return stale > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"{Words.Count(stale, "table")} changed so much that the statistics no longer fit.")
            : new MaintenanceOutlook(MaintenanceWorth.No, "The statistics still fit the tables.");
    });

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
