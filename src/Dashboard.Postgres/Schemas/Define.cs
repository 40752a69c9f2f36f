using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// The statements that make a table, composed from the catalogue: the server keeps none. Run where its schema, its types and the tables that it points to are,
/// they make the same columns, constraints and indexes; owner, rights, triggers and policies are not in them.
/// </summary>
internal static class Define
{
    private sealed record Head(string Name, bool IsUnlogged, string? Options, string? Parents, string? PartOf, string? Bound, string? View, string? PartitionedBy);

    public static async Task<string> RunAsync(NpgsqlConnection connection, CatalogueTable table, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        if (await ReadHeadAsync(connection, table, cancellationToken) is not { } head)
        {
            return "";
        }

        List<string> statements = [];
        if (head.View is { } query)
        {
            statements.Add($"CREATE MATERIALIZED VIEW {head.Name}{With(head)} AS\n{query}");
        }
        else
        {
            IReadOnlyList<(string Name, string Definition, string Column)> sequences = [.. columns.Where(column => column.Sequence is not null).Select(column => (column.Sequence!.Value.Name, column.Sequence.Value.Definition, column.SqlName))];
            statements.AddRange(sequences.Select(sequence => sequence.Definition));
            statements.Add(Table(head, [.. columns.Select(Line), .. await ReadConstraintsAsync(connection, table, cancellationToken)]));
            statements.AddRange(sequences.Select(sequence => $"ALTER SEQUENCE {sequence.Name} OWNED BY {head.Name}.{sequence.Column};"));
        }

        statements.AddRange((await ReadIndexesAsync(connection, table, cancellationToken)).Select(index => $"{index};"));
        if (head.PartitionedBy is not null)
        {
            statements.AddRange(await ReadPartitionsAsync(connection, table, cancellationToken));
        }

        if (head.PartOf is { } whole)
        {
            // Last: indexes and keys that the whole has are taken over then, and not made again.
            statements.Add($"ALTER TABLE ONLY {whole} ATTACH PARTITION {head.Name} {head.Bound};");
        }

        return string.Join("\n\n", statements);
    }

    /// <summary>Of all levels, each after what it is a part of.</summary>
    private static Task<List<string>> ReadPartitionsAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) =>
        connection.ListAsync(
            """
            SELECT concat(
                format('CREATE TABLE %I.%I PARTITION OF %I.%I', n.nspname, c.relname, wn.nspname, w.relname),
                E'\n', pg_get_expr(c.relpartbound, c.oid),
                CASE WHEN c.relkind = 'p' THEN E'\nPARTITION BY ' || pg_get_partkeydef(c.oid) END,
                ';')
            FROM pg_partition_tree($1::bigint::oid::regclass) t
            JOIN pg_class c ON c.oid = t.relid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class w ON w.oid = t.parentrelid
            JOIN pg_namespace wn ON wn.oid = w.relnamespace
            WHERE t.level > 0
            ORDER BY t.level, n.nspname, c.relname
            """,
            row => row.GetString(0),
            cancellationToken,
            (long)table.Oid);

    private static string Table(Head head, IReadOnlyList<string> lines) => string.Concat(
        head.IsUnlogged ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ",
        head.Name,
        lines.Count == 0 ? " ()" : $" (\n    {string.Join(",\n    ", lines)}\n)",
        head.Parents is null ? "" : $"\nINHERITS ({head.Parents})",
        head.PartitionedBy is null ? "" : $"\nPARTITION BY {head.PartitionedBy}",
        With(head),
        ";");

    private static string With(Head head) => head.Options is null ? "" : $"\nWITH ({head.Options})";

    private static string Line(Column column) => string.Concat(
        column.SqlName,
        $" {column.Type}",
        column.Collation is null ? "" : $" COLLATE {column.Collation}",
        column switch
        {
            { Identity: { } identity } => $" {identity}",
            { Expression: null } => "",
            { Generated: "s" } => $" GENERATED ALWAYS AS ({column.Expression}) STORED",
            { Generated: "v" } => $" GENERATED ALWAYS AS ({column.Expression}) VIRTUAL",
            _ => $" DEFAULT {column.Expression}",
        },
        column.IsNotNull ? " NOT NULL" : "");

    private static async Task<Head?> ReadHeadAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken)
    {
        var heads = await connection.ListAsync(
            """
            SELECT format('%I.%I', n.nspname, c.relname),
                   c.relpersistence = 'u',
                   (SELECT string_agg(format('%I=%L', o.option_name, o.option_value), ', ') FROM pg_options_to_table(c.reloptions) o),
                   (SELECT string_agg(format('%I.%I', pn.nspname, p.relname), ', ' ORDER BY h.inhseqno)
                    FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
                    WHERE h.inhrelid = c.oid),
                   c.relispartition,
                   pg_get_expr(c.relpartbound, c.oid),
                   CASE WHEN c.relkind = 'm' THEN pg_get_viewdef(c.oid) END,
                   CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = $1::bigint::oid
            """,
            row => (Name: row.GetString(0), IsUnlogged: row.GetBoolean(1), Options: Text(row, 2), Parents: Text(row, 3), IsPart: row.GetBoolean(4), Bound: Text(row, 5), View: Text(row, 6), PartitionedBy: Text(row, 7)),
            cancellationToken,
            (long)table.Oid);
        return heads is [var one] ? new Head(one.Name, one.IsUnlogged, one.Options, one.IsPart ? null : one.Parents, one.IsPart ? one.Parents : null, one.Bound, one.View, one.PartitionedBy) : null;
    }

    /// <summary>Not those that a table brings with its columns (NOT NULL), nor what it gets from the one that it inherits from or is a part of.</summary>
    private static Task<List<string>> ReadConstraintsAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) =>
        connection.ListAsync(
            """
            SELECT format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
            FROM pg_constraint
            WHERE conrelid = $1::bigint::oid
                AND contype IN ('p', 'u', 'x', 'c', 'f')
                AND (contype <> 'f' OR conparentid = 0)
                AND (contype <> 'c' OR conislocal OR (SELECT relispartition FROM pg_class WHERE oid = conrelid))
            ORDER BY array_position(ARRAY['p', 'u', 'x', 'c', 'f'], contype::text), conname
            """,
            row => row.GetString(0),
            cancellationToken,
            (long)table.Oid);

    /// <summary>Those of constraints come with them.</summary>
    private static async Task<IEnumerable<string>> ReadIndexesAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken)
    {
        var indexes = await connection.ListAsync(
            """
            SELECT pg_get_indexdef(x.indexrelid)
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            WHERE x.indrelid = $1::bigint::oid
                AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x'))
            ORDER BY i.relname
            """,
            row => Text(row, 0),
            cancellationToken,
            (long)table.Oid);
        return indexes.OfType<string>();
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
