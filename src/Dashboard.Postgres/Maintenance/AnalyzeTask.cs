using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// Updates what the planner chooses by (https://www.postgresql.org/docs/current/sql-analyze.html). A partitioned table is one statement, which makes its own statistics and those
/// of its partitions; autovacuum makes only the latter.
/// </summary>
internal sealed class AnalyzeTask(Watching watching) : PostgresTask(watching)
{
    /// <summary>As autovacuum: a tenth of the rows, and fifty (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold).</summary>
    private const double StaleShare = 0.1;
    private const long StaleRows = 50;

    private const string Progress = $"SELECT coalesce(max(sample_blks_scanned), 0) * {Catalogue.PageSize} FROM pg_stat_progress_analyze WHERE pid = $1";

    public override MaintenanceDescription Description { get; } = new(
        "analyze",
        "Update statistics",
        "Update the statistics of {0}",
        "Updates the statistics the query planner uses, also those of partitioned tables as a whole, which autovacuum never updates.",
        "Nobody who reads or writes rows waits.",
        "No room. A sample of each table.");

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(connection, cancellationToken);
        var wholes = await PartitionedTables.ReadAsync(connection, cancellationToken);
        if (tables.Count == 0 && wholes.Count == 0)
        {
            return OwnTables.None;
        }

        var missing = wholes.Where(whole => !whole.HasStatistics).Select(whole => whole.Name.ToString()).ToList();
        var stale = tables.Where(table => table.Whole is null && IsMuch(table.ChangedRows, table.LiveRows)).Select(table => table.Name)
            .Concat(wholes.Where(whole => whole.HasStatistics && (IsMuch(whole.ChangedRows, whole.RowsNow) || (whole.RowsThen is { } then && IsMuch(Math.Abs(whole.RowsNow - then), then)))).Select(whole => whole.Name))
            .Select(name => name.ToString()).ToList();
        List<string> sentences = [];
        if (missing.Count > 0)
        {
            sentences.Add($"{Words.List(missing)} {(missing.Count == 1 ? "has" : "have")} no statistics as a whole: autovacuum does not make those of partitioned tables.");
        }

        if (stale.Count > 0)
        {
            sentences.Add($"The statistics of {Words.List(stale)} are out of date.");
        }

        return sentences.Count > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, string.Join(' ', sentences))
            : new MaintenanceOutlook(MaintenanceWorth.No, "The statistics are up to date.");
    }

    private static bool IsMuch(double changed, double rows) => changed > StaleRows + StaleShare * rows;

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var tables = (await OwnTables.ReadAsync(session.Connection, cancellationToken)).Where(table => table.Whole is null);
        var wholes = await PartitionedTables.ReadAsync(session.Connection, cancellationToken);
        var each = new EachTable(session, progress);
        await RunAsync(session, each, [.. tables, .. wholes.Select(whole => whole.Whole)], cancellationToken);
        return each.Tell("Sampled");
    }

    /// <summary>Partitioned tables with their partitions, by a task that has done these already and could do nothing for the whole.</summary>
    public static Task RunAsync(MaintenanceSession session, EachTable each, IReadOnlyList<PartitionedTable> wholes, CancellationToken cancellationToken) =>
        wholes.Count == 0 ? Task.CompletedTask : RunAsync(session, each, [.. wholes.Select(whole => whole.Whole)], cancellationToken);

    private static Task RunAsync(MaintenanceSession session, EachTable each, IReadOnlyList<OwnTable> tables, CancellationToken cancellationToken) =>
        each.RunAsync("Taking samples", tables, table => $"ANALYZE {table.Name.ToSql()}", (sql, tell) => ExecuteAsync(session, sql, Progress, tell, cancellationToken));
}
