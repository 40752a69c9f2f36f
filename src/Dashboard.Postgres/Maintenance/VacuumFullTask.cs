using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>Writes each table and its indexes anew (VACUUM FULL): the one way of the server itself to make files smaller, for which everybody has to wait.</summary>
internal sealed class VacuumFullTask(Watching watching) : PostgresTask(watching)
{
    private const string Progress = $"SELECT coalesce(max(heap_blks_scanned), 0) * {Catalogue.PageSize} FROM pg_stat_progress_cluster WHERE pid = $1";

    public override MaintenanceDescription Description { get; } = new(
        "vacuum-full",
        "Vacuum in full",
        "Vacuum {0} in full",
        "Writes every table and its indexes anew, without the room that is free in them, and gives that room back to the disk.",
        "Everybody: nobody can read or write a table while it is being written anew (ACCESS EXCLUSIVE).",
        "Room on the server's disk for the largest table and its indexes once more, which can't be seen from here. As long as writing all of it once.",
        IsForAll: false)
    {
        Warning = "One table after the other can be neither read nor written by anybody while it is written anew; the applications wait, or fail. Cancelling keeps the tables that are done.",
    };

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(connection, cancellationToken);
        return tables.Count == 0
            ? OwnTables.None
            : new MaintenanceOutlook(MaintenanceWorth.Unknown, $"{Words.Count(tables.Count, "table")} of {Words.Bytes(tables.Sum(table => table.Bytes))}. Worth it after much was deleted for good; otherwise the room is used again.");
    }

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var tables = await OwnTables.ReadAsync(session.Connection, cancellationToken);
        var each = new EachTable(session, progress);
        await each.RunAsync("Writing anew", tables, table => $"VACUUM (FULL{(table.Whole is null ? ", ANALYZE" : "")}) {table.Name.ToSql()}", (sql, tell) => ExecuteAsync(session, sql, Progress, tell, cancellationToken));
        await AnalyzeTask.RunAsync(session, each, await PartitionedTables.ReadAsync(session.Connection, cancellationToken), cancellationToken);
        return each.Tell("Rewrote", tables.Count);
    }
}
