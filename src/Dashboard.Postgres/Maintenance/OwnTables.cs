using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>A table that the login may maintain, as the server's statistics know it.</summary>
/// <param name="Whole">The partitioned table that it is a partition of, where the login may maintain that too; otherwise null.</param>
internal sealed record OwnTable(TableName Name, long Bytes, long LiveRows, long DeadRows, long ChangedRows, bool IsNeverAnalysed, TableName? Whole);

internal static class OwnTables
{
    /// <summary>What a task says where there is none.</summary>
    public static readonly MaintenanceOutlook None = MaintenanceOutlook.Refused("This login owns no table here.", "Let it be a member of the role that owns the tables.");

    /// <summary>Owners maintain their tables, and whoever is a member of the owner; the server skips the others with a warning that nobody would see.</summary>
    private const string Question =
        $"""
        SELECT n.nspname,
               c.relname,
               c.relpages::bigint * {Catalogue.PageSize},
               pg_stat_get_live_tuples(c.oid),
               pg_stat_get_dead_tuples(c.oid),
               pg_stat_get_mod_since_analyze(c.oid),
               c.reltuples < 0,
               wn.nspname,
               w.relname
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class w ON c.relispartition AND w.oid = pg_partition_root(c.oid) AND pg_has_role(w.relowner, 'USAGE')
        LEFT JOIN pg_namespace wn ON wn.oid = w.relnamespace
        WHERE {Catalogue.IsTable} AND pg_has_role(c.relowner, 'USAGE')
        ORDER BY n.nspname, c.relname
        """;

    public static Task<List<OwnTable>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        row => new OwnTable(new TableName(row.GetString(0), row.GetString(1)), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetBoolean(6), row.IsDBNull(7) ? null : new TableName(row.GetString(7), row.GetString(8))),
        cancellationToken);
}
