using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>Counts anew what the planner chooses by (https://www.postgresql.org/docs/current/sql-analyze.html).</summary>
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
        "Takes samples of every table, so that the planner knows what lies in it. Queries may become faster, never wrong.",
        "Nobody who reads or writes rows waits.",
        "No room. A sample of each table.");

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(connection, cancellationToken);
        if (tables.Count == 0)
        {
            return OwnTables.None;
        }

        var stale = tables.Where(table => table.ChangedRows > StaleRows + StaleShare * table.LiveRows).Select(table => table.Name.ToString()).ToList();
        return stale.Count > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"The statistics of {Words.List(stale)} no longer fit.")
            : new MaintenanceOutlook(MaintenanceWorth.No, "The statistics still fit the tables.");
    }

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(session.Connection, cancellationToken);
        var each = new EachTable(session, progress);
        await each.RunAsync("Taking samples", tables, table => $"ANALYZE {table.ToSql()}", (sql, tell) => ExecuteAsync(session, sql, Progress, tell, cancellationToken));
        return each.Tell("Sampled");
    }
}
