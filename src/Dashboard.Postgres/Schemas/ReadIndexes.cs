using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>Indexes and foreign keys, of all tables or of one: what they are, how large, and how often this server has used them.</summary>
internal static class ReadIndexes
{
    /// <summary>Since then an index may keep rows without a value unique too.</summary>
    private const int VersionWithEqualNulls = 15;

    /// <summary>Since then the moment of the last scan is kept.</summary>
    private const int VersionWithLastScan = 16;

    /// <summary>For real sizes, as the list of tables has it.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    private const string From =
        $"""
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        """;

    /// <summary>Such an index is told without what only its definition says.</summary>
    private const string IsLocked = "c.oid IN (SELECT relation FROM locked) OR i.oid IN (SELECT relation FROM locked)";

    public static Task<IndexList> RunAsync(PostgresLocation at, Watching watching, TimeProvider time, CancellationToken cancellationToken) =>
        Locks.AskAgainAsync(() => watching.AskAsync(at, async connection =>
        {
            var tables = await Catalogue.ReadAllAsync(connection, cancellationToken);
            var real = await MeasureChanged.ReadAsync(connection, tables.Where(table => !table.IsPartitioned), Budget, cancellationToken);
            return await ReadAsync(connection, tables, real, only: null, time, cancellationToken);
        }, cancellationToken));

    /// <param name="only">One table; null for all.</param>
    internal static async Task<IndexList> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<CatalogueTable> tables, RealSizes real, CatalogueTable? only, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (total, pageSize, since) = await ReadWholeAsync(connection, cancellationToken);
        var columns = (await ReadColumnsAsync(connection, only, cancellationToken)).ToLookup(column => column.Index, column => column.Facts);
        var statistics = (await ReadStatisticsAsync(connection, only, cancellationToken)).ToDictionary(one => one.Index, one => one.Rows);
        var known = tables.ToDictionary(table => table.Oid);

        List<IndexFacts> indexes =
        [
            .. (await ReadHeadsAsync(connection, only, cancellationToken))
                .Where(head => known.ContainsKey(head.TableOid) && columns.Contains(head.Oid))
                .Select(head => new IndexFacts(
                    head.Name.Name,
                    known[head.TableOid].Name.ToString(),
                    [.. columns[head.Oid]],
                    head.IsUnique,
                    head.Where,
                    head.Origin,
                    Bytes(head),
                    statistics.TryGetValue(head.Oid, out var rows) ? Math.Max(1, rows) : null,
                    head.Origin == IndexOrigin.ByHand ? head.Definition : null)
                {
                    Uses = head.Uses,
                    LastUsedAt = head.LastUsedAt,
                    IsInvalid = head.IsInvalid,
                    IsBound = head.IsBound,
                    Kind = head.Kind == "btree" ? null : head.Kind,
                    Included = head.Included,
                    SqlName = head.Name.ToSql(),
                })
                .OrderBy(index => index.Table, StringComparer.Ordinal)
                .ThenBy(index => index.Name, StringComparer.Ordinal),
        ];
        return new IndexList(now, indexes, await ReadForeignKeysAsync(connection, only, cancellationToken)) { TotalBytes = total, StatisticsSince = since };

        Measure? Bytes(Head head) =>
            real.Indexes.TryGetValue(head.Oid, out var bytes) ? new Measure(bytes, IsExact: false, now)
            : known[head.TableOid] is { IsNeverAnalysed: true, Pages: 0, IsPartitioned: false } ? null
            : new Measure(head.Pages * pageSize, IsExact: false, now);
    }

    private sealed record Head(
        uint Oid, uint TableOid, TableName Name, bool IsUnique, IndexOrigin Origin, string? Where, long Pages, string Kind, string? Definition, IReadOnlyList<string> Included, bool IsInvalid, bool IsBound, long Uses, DateTimeOffset? LastUsedAt);

    /// <summary>
    /// An index that is still being built is not valid either, so those in progress are left out of it. Bound are those that a foreign key points to, that name
    /// the rows for replication, that belong to the index of a partitioned table, and those that keep even rows without a value unique, which no other one does.
    /// </summary>
    private static Task<List<Head>> ReadHeadsAsync(NpgsqlConnection connection, CatalogueTable? only, CancellationToken cancellationToken)
    {
        var lastScan = connection.PostgreSqlVersion.Major >= VersionWithLastScan ? $"CASE WHEN i.relkind = 'I' THEN {OfPartitions("max(pg_stat_get_lastscan(l.oid))", "NULL")} ELSE pg_stat_get_lastscan(i.oid) END" : "NULL::timestamptz";
        var nullsAreEqual = connection.PostgreSqlVersion.Major >= VersionWithEqualNulls ? "x.indnullsnotdistinct" : "false";
        return connection.ListAsync(
            $"""
            WITH {Locks.Locked},
            constraints AS MATERIALIZED (
                SELECT conindid, min(contype::text) FILTER (WHERE contype <> 'f') AS kind, bool_or(contype = 'f') AS is_pointed_to
                FROM pg_constraint
                WHERE contype IN ('p', 'u', 'x', 'f') AND conindid <> 0
                GROUP BY conindid),
            building AS MATERIALIZED (
                SELECT index_relid
                FROM pg_stat_progress_create_index
                WHERE index_relid IS NOT NULL)
            SELECT i.oid,
                   c.oid,
                   n.nspname,
                   i.relname,
                   x.indisunique,
                   k.kind,
                   CASE WHEN x.indpred IS NULL THEN NULL WHEN {IsLocked} THEN 'a condition' ELSE pg_get_expr(x.indpred, x.indrelid, true) END,
                   CASE WHEN i.relkind = 'I' THEN {OfPartitions("sum(l.relpages)::bigint")} ELSE i.relpages::bigint END,
                   m.amname,
                   CASE WHEN NOT ({IsLocked}) THEN pg_get_indexdef(i.oid) END,
                   CASE WHEN x.indnatts > x.indnkeyatts THEN ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attnum > x.indnkeyatts ORDER BY a.attnum) ELSE ARRAY[]::text[] END,
                   NOT x.indisvalid AND i.oid NOT IN (SELECT index_relid FROM building),
                   x.indisreplident OR i.relispartition OR coalesce(k.is_pointed_to, false) OR {nullsAreEqual},
                   CASE WHEN i.relkind = 'I' THEN {OfPartitions("sum(pg_stat_get_numscans(l.oid))::bigint")} ELSE pg_stat_get_numscans(i.oid) END,
                   {lastScan}
            {From}
            JOIN pg_am m ON m.oid = i.relam
            LEFT JOIN constraints k ON k.conindid = i.oid
            WHERE {Which(only)}
            """,
            row => new Head(
                row.GetFieldValue<uint>(0),
                row.GetFieldValue<uint>(1),
                new TableName(row.GetString(2), row.GetString(3)),
                row.GetBoolean(4),
                row.IsDBNull(5) ? IndexOrigin.ByHand : row.GetString(5) switch { "p" => IndexOrigin.PrimaryKey, "x" => IndexOrigin.ExclusionConstraint, _ => IndexOrigin.UniqueConstraint },
                row.IsDBNull(6) ? null : row.GetString(6),
                row.GetInt64(7),
                row.GetString(8),
                row.IsDBNull(9) ? null : row.GetString(9),
                row.GetFieldValue<string[]>(10),
                row.GetBoolean(11),
                row.GetBoolean(12),
                row.GetInt64(13),
                row.IsDBNull(14) ? null : row.GetFieldValue<DateTimeOffset>(14)),
            cancellationToken,
            Values(only));
    }

    /// <summary>The first bit of an option turns the order round, the second puts rows without a value first (pg_index.h, INDOPTION_DESC and INDOPTION_NULLS_FIRST).</summary>
    private static Task<List<(uint Index, IndexColumn Facts)>> ReadColumnsAsync(NpgsqlConnection connection, CatalogueTable? only, CancellationToken cancellationToken) =>
        connection.ListAsync(
            $"""
            WITH {Locks.Locked}
            SELECT i.oid,
                   a.attname,
                   CASE WHEN a.attname IS NULL AND NOT ({IsLocked}) THEN pg_get_indexdef(i.oid, p.at + 1, true) END,
                   x.indoption[p.at] & 1 = 1,
                   x.indoption[p.at] & 2 = 2,
                   l.collname,
                   CASE WHEN NOT o.opcdefault THEN o.opcname END,
                   format_type(own.atttypid, coalesce(a.atttypmod, own.atttypmod))
            {From}
            CROSS JOIN LATERAL generate_series(0, x.indnkeyatts - 1) AS p (at)
            JOIN pg_attribute own ON own.attrelid = i.oid AND own.attnum = p.at + 1
            JOIN pg_type t ON t.oid = own.atttypid
            JOIN pg_opclass o ON o.oid = x.indclass[p.at]
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[p.at] AND x.indkey[p.at] <> 0
            LEFT JOIN pg_collation l ON l.oid = x.indcollation[p.at] AND l.oid <> coalesce(a.attcollation, t.typcollation)
            WHERE {Which(only)}
            ORDER BY i.oid, p.at
            """,
            row => (row.GetFieldValue<uint>(0), new IndexColumn(
                row.IsDBNull(1) ? null : row.GetString(1),
                row.IsDBNull(1) ? row.IsDBNull(2) ? "an expression" : row.GetString(2) : null,
                row.GetBoolean(3),
                row.IsDBNull(5) ? null : row.GetString(5),
                row.GetString(7))
            {
                Operators = row.IsDBNull(6) ? null : row.GetString(6),
                IsNullsMoved = row.GetBoolean(4) != row.GetBoolean(3),
            }),
            cancellationToken,
            Values(only));

    /// <summary>
    /// Rows that share a value: of one column from its statistics, of an expression from those of the index, of several columns from extended statistics.
    /// A number below nothing is a share of the rows (https://www.postgresql.org/docs/current/view-pg-stats.html). Those of a column say nothing of a part of the rows.
    /// </summary>
    private static Task<List<(uint Index, double Rows)>> ReadStatisticsAsync(NpgsqlConnection connection, CatalogueTable? only, CancellationToken cancellationToken) =>
        connection.ListAsync(
            $"""
            WITH wanted AS MATERIALIZED (
                SELECT i.oid,
                       n.nspname,
                       CASE WHEN x.indkey[0] = 0 THEN i.relname ELSE c.relname END AS relname,
                       CASE WHEN x.indkey[0] = 0 THEN own.attname ELSE a.attname END AS attname,
                       CASE WHEN x.indkey[0] = 0 THEN i.reltuples ELSE c.reltuples END AS rows,
                       c.relkind = 'p' AS is_partitioned
                {From}
                JOIN pg_attribute own ON own.attrelid = i.oid AND own.attnum = 1
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
                WHERE x.indnkeyatts = 1 AND c.reltuples > 0 AND (x.indpred IS NULL OR x.indkey[0] = 0) AND {Which(only)}),
            known AS MATERIALIZED (
                SELECT schemaname, tablename, attname, n_distinct
                FROM pg_stats
                WHERE inherited = EXISTS (SELECT FROM wanted w WHERE w.is_partitioned AND w.nspname = pg_stats.schemaname AND w.relname = pg_stats.tablename) AND n_distinct <> 0 AND schemaname <> 'pg_catalog' AND schemaname IN (SELECT nspname FROM wanted) AND tablename IN (SELECT relname FROM wanted)),
            several AS MATERIALIZED (
                SELECT i.oid, n.nspname, c.relname, c.reltuples, ARRAY(SELECT key FROM unnest((x.indkey::int2[])[0:x.indnkeyatts - 1]) AS part (key) ORDER BY key) AS keys
                {From}
                WHERE x.indnkeyatts > 1 AND x.indpred IS NULL AND c.reltuples > 0 AND {Which(only)}),
            together AS MATERIALIZED (
                SELECT schemaname, tablename, n_distinct::text::json AS counts
                FROM pg_stats_ext
                WHERE n_distinct IS NOT NULL)
            SELECT w.oid, (CASE WHEN k.n_distinct < 0 THEN -1 / k.n_distinct ELSE w.rows / k.n_distinct END)::float8
            FROM wanted w JOIN known k ON k.schemaname = w.nspname AND k.tablename = w.relname AND k.attname = w.attname
            UNION ALL
            SELECT s.oid, max(s.reltuples / (t.counts ->> array_to_string(s.keys, ', '))::float8)
            FROM several s JOIN together t ON t.schemaname = s.nspname AND t.tablename = s.relname
            WHERE (t.counts ->> array_to_string(s.keys, ', '))::float8 > 0
            GROUP BY s.oid
            """,
            row => (row.GetFieldValue<uint>(0), row.GetDouble(1)),
            cancellationToken,
            Values(only));

    /// <summary>One that points to a partitioned table stands once more for each of its parts: those copies are left out.</summary>
    internal static Task<List<ForeignKeyFacts>> ReadForeignKeysAsync(NpgsqlConnection connection, CatalogueTable? only, CancellationToken cancellationToken) =>
        connection.ListAsync(
            $"""
            SELECT n.nspname,
                   c.relname,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part (key, at) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.key ORDER BY part.at),
                   pn.nspname,
                   p.relname,
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS part (key, at) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.key ORDER BY part.at)
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class p ON p.oid = k.confrelid
            JOIN pg_namespace pn ON pn.oid = p.relnamespace
            WHERE k.contype = 'f'
                AND {(only is null ? "k.conparentid = 0" : "NOT EXISTS (SELECT FROM pg_constraint whole WHERE whole.oid = k.conparentid AND whole.conrelid = k.conrelid)")}
                AND {(only is null ? $"(({Catalogue.IsTable}) OR (c.relkind = 'p' AND {Catalogue.IsOfUsers}))" : Which(only))}
            ORDER BY n.nspname, c.relname, k.conname
            """,
            row => new TableName(row.GetString(0), row.GetString(1)) is var table
                ? new ForeignKeyFacts(table.ToString(), row.GetFieldValue<string[]>(2), new TableName(row.GetString(3), row.GetString(4)).ToString(), row.GetFieldValue<string[]>(5)) { SqlTable = table.ToSql() }
                : null!,
            cancellationToken,
            Values(only));

    private static async Task<(long Total, long PageSize, DateTimeOffset? Since)> ReadWholeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var whole = await connection.ListAsync(
            $"SELECT pg_database_size(oid), {Catalogue.PageSize}, pg_stat_get_db_stat_reset_time(oid) FROM pg_database WHERE datname = current_database()",
            row => (row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(2)),
            cancellationToken);
        return whole[0];
    }

    /// <summary>Of the leaves of an index of a partitioned table, as l.</summary>
    private static string OfPartitions(string sum, string otherwise = "0") =>
        $"(SELECT coalesce({sum}, {otherwise}) FROM pg_partition_tree(i.oid) t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf AND l.relkind = 'i')";

    /// <summary>An index of a partitioned table is one; what its partitions have of it belongs to it, and is shown only with the partition itself.</summary>
    private static string Which(CatalogueTable? only) => only is null
        ? $"((({Catalogue.IsTable}) AND NOT i.relispartition) OR ({Catalogue.IsWhole}))"
        : "c.oid = $1::bigint::oid";

    private static object[] Values(CatalogueTable? only) => only is null ? [] : [(long)only.Oid];
}
