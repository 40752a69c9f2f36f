using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <param name="Expression">Of its default, or of what it is generated from.</param>
/// <param name="Generated">"s" stored, "v" virtual; empty for an ordinary one.</param>
/// <param name="Identity">"GENERATED ALWAYS AS IDENTITY", with what is not usual of its sequence.</param>
/// <param name="Collation">As SQL names it; null for that of the type.</param>
/// <param name="Sequence">One that belongs to the column and that its default asks, with the statement that makes it.</param>
internal sealed record Column(string Name, string SqlName, string Type, bool IsNotNull, string? Expression, string Generated, string? Identity, string? Collation, int? KeyPosition, (string Name, string Definition)? Sequence);

/// <summary>The columns of a table in their order.</summary>
internal static class ReadColumns
{
    private const string Question =
        """
        SELECT a.attname,
               quote_ident(a.attname),
               format_type(a.atttypid, a.atttypmod),
               a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid),
               a.attgenerated::text,
               CASE WHEN a.attidentity <> '' THEN concat(
                   'GENERATED ', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, ' AS IDENTITY',
                   CASE WHEN q.seqstart <> 1 OR q.seqincrement <> 1 OR q.seqcycle THEN format(' (START WITH %s INCREMENT BY %s%s)', q.seqstart, q.seqincrement, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END) END) END,
               CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', ln.nspname, l.collname) END,
               array_position(k.conkey, a.attnum),
               CASE WHEN a.attidentity = '' AND q.seqrelid IS NOT NULL THEN format('%I.%I', sn.nspname, s.relname) END,
               format(' AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END)
        FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
        LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
        LEFT JOIN LATERAL (
            SELECT q.*
            FROM pg_depend o
            JOIN pg_sequence q ON q.seqrelid = o.objid
            WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i')
            ORDER BY o.objid
            LIMIT 1) q ON true
        LEFT JOIN pg_class s ON s.oid = q.seqrelid
        LEFT JOIN pg_namespace sn ON sn.oid = s.relnamespace
        WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """;

    public static Task<List<Column>> RunAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) =>
        connection.ListAsync(Question, Read, cancellationToken, (long)table.Oid);

    private static Column Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.GetBoolean(3),
        Text(row, 4),
        row.GetString(5),
        Text(row, 6),
        Text(row, 7),
        row.IsDBNull(8) ? null : row.GetInt32(8),
        Text(row, 9) is { } sequence ? (sequence, $"CREATE SEQUENCE {sequence}{row.GetString(10)};") : null);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
