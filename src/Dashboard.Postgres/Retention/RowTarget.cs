using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>A foreign key that points to the table.</summary>
internal sealed record IncomingKey(RowReference Reference, TableName ChildName, IReadOnlyList<string> ParentColumns, bool IsSelf);

/// <summary>The table that rows are removed from.</summary>
/// <param name="PrimaryKey">Names of its columns; empty where there is none, and a row is told by where it lies.</param>
internal sealed record RowTarget(TableName Name, uint Oid, IReadOnlyList<RowColumn> Columns, IReadOnlyList<string> PrimaryKey, IReadOnlyList<IncomingKey> Incoming)
{
    public bool IsPartitioned { get; init; }

    /// <summary>What holds the rows of a partitioned table; empty of another one.</summary>
    public IReadOnlyList<(TableName Name, uint Oid)> Partitions { get; init; } = [];

    /// <summary>The partition that this is about, where it is about one alone.</summary>
    public TableName? Partition { get; private init; }

    /// <summary>One for each place where rows are: a row is told by where it is within its partition.</summary>
    public IReadOnlyList<RowTarget> Places => IsPartitioned ? [.. Partitions.Select(one => this with { IsPartitioned = false, Partitions = [], Oid = one.Oid, Partition = one.Name })] : [this];

    /// <summary>The keys because of which a row stays. A cascade into the table itself would take rows along that are not old enough.</summary>
    public IEnumerable<IncomingKey> Holding(RowSelection selection) =>
        Incoming.Where(key => !selection.LetsKeysAct || key.Reference.Action == KeyAction.Stop || key is { IsSelf: true, Reference.Action: KeyAction.Cascade });

    /// <exception cref="TableMissingException">When there is no such table.</exception>
    public static async Task<RowTarget> ReadAsync(NpgsqlConnection connection, PostgresLocation at, string table, CancellationToken cancellationToken)
    {
        var found = await Catalogue.FindAsync(connection, table, at, cancellationToken);
        var columns = await connection.ListAsync(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typcategory::text, a.attgenerated::text
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """,
            row => new RowColumn(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3) == "S"),
            cancellationToken,
            (long)found.Oid);
        var primary = await connection.ListAsync(
            """
            SELECT a.attname
            FROM pg_constraint k
            CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY u (number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
            WHERE k.conrelid = $1::bigint::oid AND k.contype = 'p'
            ORDER BY u.place
            """,
            row => row.GetString(0),
            cancellationToken,
            (long)found.Oid);
        return new RowTarget(found.Name, found.Oid, columns, primary, await ReadIncomingAsync(connection, found, cancellationToken))
        {
            IsPartitioned = found.IsPartitioned,
            Partitions = found.IsPartitioned ? await ReadPartitionsAsync(connection, found, cancellationToken) : [],
        };
    }

    private static Task<List<(TableName Name, uint Oid)>> ReadPartitionsAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) => connection.ListAsync(
        """
        SELECT n.nspname, c.relname, c.oid
        FROM pg_partition_tree($1::bigint::oid::regclass) t
        JOIN pg_class c ON c.oid = t.relid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE t.isleaf AND c.relkind = 'r'
        ORDER BY n.nspname, c.relname
        """,
        row => (new TableName(row.GetString(0), row.GetString(1)), row.GetFieldValue<uint>(2)),
        cancellationToken,
        (long)table.Oid);

    /// <summary>A part of a table is pointed to through the whole as well.</summary>
    private static Task<List<IncomingKey>> ReadIncomingAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) => connection.ListAsync(
        """
        SELECT n.nspname,
               c.relname,
               (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
               (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
               k.confdeltype::text,
               EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL AND x.indkey[0] = ANY(k.conkey)),
               k.conrelid = $1::bigint::oid
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f'
            AND k.confrelid IN (SELECT $1::bigint::oid UNION ALL SELECT relid FROM pg_partition_ancestors($1::bigint::oid::regclass) relid)
            AND NOT c.relispartition
        ORDER BY n.nspname, c.relname, k.conname
        """,
        row =>
        {
            var child = new TableName(row.GetString(0), row.GetString(1));
            var action = row.GetString(4) switch { "c" => KeyAction.Cascade, "n" or "d" => KeyAction.Clear, _ => KeyAction.Stop };
            return new IncomingKey(new RowReference(child.ToString(), row.GetFieldValue<string[]>(2), action, row.GetBoolean(5)), child, row.GetFieldValue<string[]>(3), row.GetBoolean(6));
        },
        cancellationToken,
        (long)table.Oid);
}

/// <param name="TypeName">"int8".</param>
/// <param name="IsText">Whether its values are texts.</param>
internal sealed record RowColumn(string Name, string DeclaredType, string TypeName, bool IsText);
