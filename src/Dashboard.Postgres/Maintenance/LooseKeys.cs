using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>A foreign key, as SQL compares it.</summary>
/// <param name="Columns">Of the child and of the parent, with the operator that the key itself uses (parent, child).</param>
internal sealed record LooseKey(string Name, TableName Child, TableName Parent, IReadOnlyList<(string From, string To, string Operator)> Columns, bool IsValidated)
{
    /// <summary>What the key says of a row that loses its parent: that it stays (SET NULL, SET DEFAULT).</summary>
    public required bool Survives { get; init; }

    /// <summary>The columns that are emptied then: those of the key, or some of them that it names.</summary>
    public required IReadOnlyList<string> Emptying { get; init; }

    public required bool CanBeEmpty { get; init; }

    /// <summary>Which would have to name a parent that is there.</summary>
    public required bool HasDefault { get; init; }

    public bool IsEmptied => Survives && CanBeEmpty && !HasDefault;

    public string? Although => OrphanGroup.WhyNotEmptied(Survives, CanBeEmpty, HasDefault);

    /// <summary>p is the parent, c the child.</summary>
    public string Joined => string.Join(" AND ", Columns.Select(pair => $"p.{TableName.Quote(pair.To)} {pair.Operator} c.{TableName.Quote(pair.From)}"));

    /// <summary>Of a child whose parent is not there. A key that is null somewhere names none.</summary>
    public string IsOrphan =>
        $"{string.Join(" AND ", Columns.Select(pair => $"c.{TableName.Quote(pair.From)} IS NOT NULL"))} AND NOT EXISTS (SELECT FROM {Parent.ToSql()} p WHERE {Joined})";
}

/// <summary>
/// All foreign keys. The server lets no row lose its parent, but it has never looked at the older rows of a key that was added as NOT VALID
/// (https://www.postgresql.org/docs/current/sql-altertable.html): orphans can only be there.
/// </summary>
internal static class LooseKeys
{
    /// <summary>Those that the partitions of a table inherit are looked at with it. Before version 15 no key names the columns that it empties.</summary>
    private const string Question =
        $"""
        SELECT k.conname,
               n.nspname,
               c.relname,
               pn.nspname,
               p.relname,
               (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
               (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u (number, place) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
               (SELECT array_agg(format('OPERATOR(%I.%s)', o.nspname, e.oprname) ORDER BY u.place) FROM unnest(k.conpfeqop) WITH ORDINALITY u (number, place) JOIN pg_operator e ON e.oid = u.number JOIN pg_namespace o ON o.oid = e.oprnamespace),
               k.convalidated,
               k.confdeltype IN ('n', 'd'),
               own.columns,
               own.can_be_empty,
               k.confdeltype = 'd' AND own.has_default
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class p ON p.oid = k.confrelid
        JOIN pg_namespace pn ON pn.oid = p.relnamespace
        CROSS JOIN LATERAL (
            SELECT array_agg(a.attname::text ORDER BY a.attnum) AS columns,
                   bool_and(NOT a.attnotnull AND a.attgenerated = '') AS can_be_empty,
                   bool_or(a.atthasdef) AS has_default
            FROM pg_attribute a
            WHERE a.attrelid = k.conrelid
                  AND a.attnum = ANY (k.conkey)
                  AND (jsonb_typeof(to_jsonb(k) -> 'confdelsetcols') IS DISTINCT FROM 'array' OR to_jsonb(k) -> 'confdelsetcols' @> to_jsonb(a.attnum))
        ) own
        WHERE k.contype = 'f'
              AND k.conparentid = 0
              AND {Catalogue.IsOfUsers}
        ORDER BY n.nspname, c.relname, k.conname
        """;

    public static Task<List<LooseKey>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        row =>
        {
            var (from, to, operators) = (row.GetFieldValue<string[]>(5), row.GetFieldValue<string[]>(6), row.GetFieldValue<string[]>(7));
            return new LooseKey(
                row.GetString(0),
                new TableName(row.GetString(1), row.GetString(2)),
                new TableName(row.GetString(3), row.GetString(4)),
                [.. from.Select((column, number) => (column, to[number], operators[number]))],
                row.GetBoolean(8))
            {
                Survives = row.GetBoolean(9),
                Emptying = row.GetFieldValue<string[]>(10),
                CanBeEmpty = row.GetBoolean(11),
                HasDefault = row.GetBoolean(12),
            };
        },
        cancellationToken);
}
