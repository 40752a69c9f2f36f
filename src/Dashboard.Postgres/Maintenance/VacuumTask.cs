using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>Frees the room of dead rows for new ones (https://www.postgresql.org/docs/current/sql-vacuum.html).</summary>
internal sealed class VacuumTask(Watching watching) : PostgresTask(watching)
{
    /// <summary>Half of what autovacuum waits for (autovacuum_vacuum_scale_factor is 0.2), and more than a handful.</summary>
    private const double WorthShare = 0.1;
    private const long WorthRows = 1000;

    private const string Progress = $"SELECT coalesce(max(heap_blks_scanned), 0) * {Catalogue.PageSize} FROM pg_stat_progress_vacuum WHERE pid = $1";

    public override MaintenanceDescription Description { get; } = new(
        "vacuum",
        "Vacuum and analyze",
        "Vacuum {0}",
        "Makes the room of deleted and changed rows free for new ones, keeps transaction ids from running out, and counts the statistics anew. The files rarely become smaller: what is free is used again.",
        "Nobody who reads or writes rows waits. Changes of a table's definition do.",
        "Almost no room. It reads what has changed since the last time.");

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(connection, cancellationToken);
        if (tables.Count == 0)
        {
            return OwnTables.None;
        }

        var dead = tables.Sum(table => table.DeadRows);
        var all = dead + tables.Sum(table => table.LiveRows);
        if (dead == 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.No, "There are no dead rows.");
        }

        var words = $"{Words.Count(dead)} of {Words.Count(all, "row")} {(dead == 1 ? "is" : "are")} dead ({Words.Share((double)dead / all)})";
        return dead >= WorthRows && dead >= all * WorthShare
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"{words}: their room would be free for new ones.")
            : new MaintenanceOutlook(MaintenanceWorth.No, $"{words}: autovacuum comes when there are more.");
    }

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(session.Connection, cancellationToken);
        var each = new EachTable(session, progress);
        await each.RunAsync("Vacuuming", tables, table => $"VACUUM {(table.Whole is null ? "(ANALYZE) " : "")}{table.Name.ToSql()}", (sql, tell) => ExecuteAsync(session, sql, Progress, tell, cancellationToken));
        await AnalyzeTask.RunAsync(session, each, await PartitionedTables.ReadAsync(session.Connection, cancellationToken), cancellationToken);
        return each.Tell("Vacuumed", tables.Count);
    }
}
