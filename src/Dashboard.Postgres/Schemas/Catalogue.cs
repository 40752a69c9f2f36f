using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>One table as the server's catalogue and statistics know it, without a look at the table.</summary>
/// <param name="Pages">Of its rows when it was last analysed or vacuumed.</param>
/// <param name="Tuples">Rows at that time; negative when it never was.</param>
/// <param name="LongPages">Of values too long for a page, kept in a table of their own.</param>
/// <param name="LiveTuples">As the statistics have followed them since.</param>
/// <param name="Modified">Rows that were written since it was last analysed.</param>
/// <param name="LongChanges">Long values that were written since their pages were last counted.</param>
/// <param name="IsFollowed">Whether its statistics go back to an ANALYZE or VACUUM, or to rows that they saw coming: a crash takes them away.</param>
/// <param name="IsPopulated">A materialized view may hold nothing yet, and then can't be asked.</param>
/// <param name="CanCount">Whether the login may read it, and all of its rows.</param>
/// <param name="Whole">The partitioned table that it is a partition of, at the top; null where it is none.</param>
/// <param name="IsPartitioned">Whether it holds no rows itself and its partitions do.</param>
internal sealed record CatalogueTable(
    TableName Name,
    uint Oid,
    long Pages,
    double Tuples,
    long LongPages,
    long IndexPages,
    int IndexCount,
    long LiveTuples,
    long Modified,
    long LongChanges,
    bool IsFollowed,
    bool IsMaterializedView,
    bool IsPopulated,
    bool CanCount,
    TableName? Whole,
    bool IsPartitioned)
{
    public bool IsNeverAnalysed => Tuples < 0;

    public bool HasChanged => Modified > 0 || LongChanges > 0;

    public CatalogueTable With(CatalogueNumbers numbers) => this with
    {
        Pages = numbers.Pages,
        Tuples = numbers.Tuples,
        LiveTuples = numbers.LiveTuples,
        Modified = numbers.Modified,
        LongChanges = numbers.LongChanges,
        IsFollowed = numbers.IsFollowed,
    };
}

/// <summary>What changes of a table while rows come and go; each as in <see cref="CatalogueTable"/>.</summary>
internal sealed record CatalogueNumbers(uint Oid, long Pages, double Tuples, long LiveTuples, long Modified, long LongChanges, bool IsFollowed);

/// <summary>Differs once a table, an index, a schema or a right has changed, or the pages of one were counted anew, which leaves the row's version as it was.</summary>
internal sealed record CatalogueMark(long Relations, decimal Versions, decimal Pages, decimal Others);

/// <summary>All tables that hold rows, in one question: 20,000 tables in 1,500 schemas are one answer.</summary>
/// <remarks>
/// Ordinary tables, leaves of partitioned ones and materialized views. A partitioned table itself holds nothing: its leaves do, and <see cref="SumPartitions"/> shows them as one.
/// Views and foreign tables hold nothing here. Temporary tables are those of another session, and gone with it.
/// </remarks>
internal static class Catalogue
{
    /// <summary>Pages of 8 KiB unless the server was built otherwise.</summary>
    public const string PageSize = "current_setting('block_size')::bigint";

    /// <summary>Neither of the system nor of one session alone; c is pg_class, n its schema.</summary>
    public const string IsOfUsers = "c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')";

    /// <summary>What every question of this room means by a table.</summary>
    public const string IsTable = "c.relkind IN ('r', 'm') AND " + IsOfUsers;

    /// <summary>A partitioned table that is no partition itself.</summary>
    public const string IsWhole = "c.relkind = 'p' AND NOT c.relispartition AND " + IsOfUsers;

    /// <summary>Rows as the statistics have followed them; whether they go back to an ANALYZE or VACUUM.</summary>
    private const string Followed =
        """
        pg_stat_get_live_tuples(c.oid),
        pg_stat_get_mod_since_analyze(c.oid),
        CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_stat_get_ins_since_vacuum(c.reltoastrelid) END,
        CASE WHEN pg_stat_get_mod_since_analyze(c.oid) > 0 THEN
            coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid), pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) IS NOT NULL
            OR (c.reltuples < 0 AND pg_stat_get_tuples_inserted(c.oid) > 0)
        ELSE false END
        """;

    private const string Numbers =
        $"""
        SELECT c.oid, c.relpages::bigint, c.reltuples::float8, {Followed}
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {IsTable}
        """;

    private const string Mark =
        """
        SELECT count(*),
               sum(xmin::text::bigint),
               sum(oid::bigint * (relpages + 1)),
               (SELECT sum(xmin::text::bigint) FROM pg_namespace) + (SELECT coalesce(sum(xmin::text::bigint), 0) FROM pg_auth_members)
        FROM pg_class
        """;

    /// <remarks>Long values of most tables lie nowhere, and the index on nothing is one page: only where there are some is it looked up.</remarks>
    private const string Question =
        $"""
        WITH everything AS (SELECT pg_has_role(oid, 'USAGE') AS may FROM pg_roles WHERE rolname = 'pg_read_all_data')
        SELECT n.nspname,
               c.relname,
               c.oid,
               c.relpages::bigint,
               c.reltuples::float8,
               CASE WHEN t.relpages > 0 THEN t.relpages + (SELECT sum(i.relpages) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = t.oid)
                    WHEN t.oid IS NULL THEN 0
                    ELSE 1 END,
               coalesce(i.pages, 0),
               coalesce(i.count, 0),
               {Followed},
               c.relkind = 'm',
               c.relispopulated,
               coalesce(((SELECT may FROM everything) OR (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))) AND NOT (c.relrowsecurity AND row_security_active(c.oid)), false),
               wn.nspname,
               w.relname,
               c.relkind = 'p'
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.relkind = 't'
        LEFT JOIN (
            SELECT x.indrelid, sum(i.relpages) AS pages, count(*)::int AS count
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            WHERE i.relnamespace <> 'pg_toast'::regnamespace
            GROUP BY x.indrelid) i ON i.indrelid = c.oid
        LEFT JOIN pg_class w ON w.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) END
        LEFT JOIN pg_namespace wn ON wn.oid = w.relnamespace
        """;

    /// <summary>What holds rows, by the ordinal order of their texts.</summary>
    public static async Task<IReadOnlyList<CatalogueTable>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        [.. (await ReadAllAsync(connection, cancellationToken)).Where(table => !table.IsPartitioned)];

    /// <summary>The same with the partitioned tables, also those without a partition.</summary>
    public static async Task<IReadOnlyList<CatalogueTable>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await connection.ListAsync($"{Question} WHERE ({IsTable}) OR ({IsWhole})", Read, cancellationToken);
        return [.. tables.OrderBy(table => table.Name.ToString(), StringComparer.Ordinal)];
    }

    public static Task<List<CatalogueNumbers>> ReadNumbersAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Numbers,
        row => new CatalogueNumbers(row.GetFieldValue<uint>(0), row.GetInt64(1), row.GetDouble(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetBoolean(6)),
        cancellationToken);

    public static async Task<CatalogueMark> ReadMarkAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ListAsync(Mark, row => new CatalogueMark(row.GetInt64(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3)), cancellationToken))[0];

    /// <exception cref="TableMissingException">When there is no such table.</exception>
    public static async Task<CatalogueTable> FindAsync(NpgsqlConnection connection, string table, PostgresLocation at, CancellationToken cancellationToken)
    {
        var name = TableName.Parse(table);
        var found = await connection.ListAsync($"{Question} WHERE (({IsTable}) OR ({IsWhole})) AND n.nspname = $1 AND c.relname = $2", Read, cancellationToken, name.Schema, name.Name);
        return found is [var one] ? one : throw Missing(table, at);
    }

    public static Task<long> ReadPageSizeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.AskAsync<long>($"SELECT {PageSize}", cancellationToken);

    public static TableMissingException Missing(string table, PostgresLocation at) =>
        new($"{at.Database} has no table called {table}.", "It may have been dropped or renamed; look at the list of its tables.");

    private static CatalogueTable Read(NpgsqlDataReader row) => new(
        new TableName(row.GetString(0), row.GetString(1)),
        row.GetFieldValue<uint>(2),
        Pages: row.GetInt64(3),
        Tuples: row.GetDouble(4),
        LongPages: row.GetInt64(5),
        IndexPages: row.GetInt64(6),
        IndexCount: row.GetInt32(7),
        LiveTuples: row.GetInt64(8),
        Modified: row.GetInt64(9),
        LongChanges: row.GetInt64(10),
        IsFollowed: row.GetBoolean(11),
        IsMaterializedView: row.GetBoolean(12),
        IsPopulated: row.GetBoolean(13),
        CanCount: row.GetBoolean(14),
        Whole: row.IsDBNull(15) ? null : new TableName(row.GetString(15), row.GetString(16)),
        IsPartitioned: row.GetBoolean(17));
}
