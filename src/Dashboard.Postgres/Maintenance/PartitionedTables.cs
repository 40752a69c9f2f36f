using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>A partitioned table as a whole, whose statistics are its own: the planner takes them for queries that read several partitions.</summary>
/// <param name="HasStatistics">False where it, or a partitioned partition of it, has none although there are rows.</param>
/// <param name="RowsThen">When they were made; null where the server does not keep that (before version 14).</param>
internal sealed record PartitionedTable(TableName Name, bool HasStatistics, double? RowsThen, long RowsNow, long ChangedRows, long Bytes)
{
    /// <summary>As a table that ANALYZE is run for, with all its partitions.</summary>
    public OwnTable Whole => new(Name, Bytes, RowsNow, 0, ChangedRows, !HasStatistics, null);
}

/// <summary>
/// Those that the login may maintain. Autovacuum makes no statistics of a partitioned table (https://www.postgresql.org/docs/current/routine-vacuuming.html):
/// nobody but an ANALYZE of the table itself does, which takes its partitions along.
/// </summary>
internal static class PartitionedTables
{
    private const string Question =
        $"""
        SELECT n.nspname,
               c.relname,
               (SELECT bool_and(EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = pn.nspname AND s.tablename = p.relname AND s.inherited))
                FROM pg_partition_tree(c.oid) t
                JOIN pg_class p ON p.oid = t.relid
                JOIN pg_namespace pn ON pn.oid = p.relnamespace
                WHERE NOT t.isleaf
                      AND EXISTS (SELECT FROM pg_partition_tree(p.oid) own JOIN pg_class l ON l.oid = own.relid WHERE own.isleaf AND greatest(l.reltuples, pg_stat_get_live_tuples(l.oid)) > 0)),
               nullif(c.reltuples, -1)::float8,
               leaves.live,
               leaves.changed,
               leaves.pages * {Catalogue.PageSize}
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(pg_stat_get_live_tuples(l.oid)), 0)::bigint AS live,
                   coalesce(sum(pg_stat_get_mod_since_analyze(l.oid)), 0)::bigint AS changed,
                   coalesce(sum(l.relpages), 0)::bigint AS pages
            FROM pg_partition_tree(c.oid) t
            JOIN pg_class l ON l.oid = t.relid
            WHERE t.isleaf AND l.relkind = 'r') leaves
        WHERE c.relkind = 'p' AND NOT c.relispartition AND {Catalogue.IsOfUsers} AND pg_has_role(c.relowner, 'USAGE')
        ORDER BY n.nspname, c.relname
        """;

    private const int VersionWithRows = 14;

    public static Task<List<PartitionedTable>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        row => new PartitionedTable(
            new TableName(row.GetString(0), row.GetString(1)),
            HasStatistics: row.IsDBNull(2) || row.GetBoolean(2),
            RowsThen: connection.PostgreSqlVersion.Major < VersionWithRows || row.IsDBNull(3) ? null : row.GetDouble(3),
            RowsNow: row.GetInt64(4),
            ChangedRows: row.GetInt64(5),
            Bytes: row.GetInt64(6)),
        cancellationToken);
}
