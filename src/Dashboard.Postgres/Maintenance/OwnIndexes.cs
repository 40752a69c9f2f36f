using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <param name="IsLeftover">Half of a REINDEX CONCURRENTLY that was interrupted.</param>
/// <param name="IsTree">Of the usual kind (btree).</param>
internal sealed record OwnIndex(TableName Name, TableName Table, long Bytes, long TableBytes, bool IsValid, bool IsLeftover, bool IsTree);

internal static class OwnIndexes
{
    /// <summary>Those of one table, or one by its name.</summary>
    /// <exception cref="DatabaseException">When there is none any more.</exception>
    public static List<OwnIndex> Choose(IReadOnlyList<OwnIndex> indexes, string target)
    {
        var (name, table) = MaintenanceTarget.Read(target);
        var chosen = indexes.Where(index => index.Name.ToString() == name || index.Table.ToString() == table).ToList();
        return chosen.Count > 0 ? chosen : throw new DatabaseException($"There is no {target} any more.", "Load the page again and choose another one.");
    }

    public static IEnumerable<MaintenanceTarget> Targets(IReadOnlyList<OwnIndex> indexes) =>
        indexes.Where(index => !index.IsLeftover).Select(index => MaintenanceTarget.Index(index.Name.ToString(), index.Bytes));

    /// <summary>
    /// A leftover is invalid, has the name that REINDEX CONCURRENTLY gives, stands on the table of an index of the name without it,
    /// and nobody is building on that table now: an index that only is called so is somebody's own. Those of exclusion constraints can't be
    /// built beside, and are left out.
    /// </summary>
    private const string Question =
        $"""
        SELECT n.nspname,
               i.relname,
               pg_relation_size(i.oid),
               c.relpages::bigint * {Catalogue.PageSize},
               x.indisvalid,
               NOT x.indisvalid
                   AND i.relname ~ '_cc(new|old)[0-9]*$'
                   AND EXISTS (
                       SELECT FROM pg_index other JOIN pg_class o ON o.oid = other.indexrelid
                       WHERE other.indrelid = x.indrelid AND o.relname = regexp_replace(i.relname, '_cc(new|old)[0-9]*$', '')),
               n.nspname,
               c.relname,
               i.relam = (SELECT oid FROM pg_am WHERE amname = 'btree')
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = i.relnamespace
        WHERE {Catalogue.IsTable}
              AND i.relkind = 'i'
              AND NOT x.indisexclusion
              AND pg_has_role(c.relowner, 'USAGE')
              AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = x.indrelid)
        ORDER BY n.nspname, i.relname
        """;

    public static Task<List<OwnIndex>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        row => new OwnIndex(
            new TableName(row.GetString(0), row.GetString(1)),
            new TableName(row.GetString(6), row.GetString(7)),
            row.IsDBNull(2) ? 0 : row.GetInt64(2),
            row.GetInt64(3),
            row.GetBoolean(4),
            row.GetBoolean(5),
            row.GetBoolean(8)),
        cancellationToken);
}
