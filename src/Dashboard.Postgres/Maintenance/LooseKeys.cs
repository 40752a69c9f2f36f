using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>A foreign key that the server enforces, as SQL compares it.</summary>
/// <param name="Columns">Of the child and of the parent, with the operator that the key itself uses (parent, child) and the collation, where the two differ.</param>
internal sealed record LooseKey(string Name, TableName Child, TableName Parent, IReadOnlyList<(string From, string To, string Operator, string Collation)> Columns, bool IsValidated)
{
    /// <summary>"ONLY " where tables that inherit from the child are not bound by its key, which is everywhere but in a partitioned table.</summary>
    public required string ChildOnly { get; init; }

    /// <summary>The same of the parent: rows of tables that inherit from it are no parents.</summary>
    public required string ParentOnly { get; init; }

    /// <summary>Of the child with its partitions, when they were last counted.</summary>
    public required long ChildBytes { get; init; }

    /// <summary>MATCH FULL: a key that is null in part names a parent that can't be there.</summary>
    public required bool IsFull { get; init; }

    /// <summary>With PERIOD: several parents together cover a child, which no single comparison tells.</summary>
    public required bool IsTemporal { get; init; }

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
    public string Joined => string.Join(" AND ", Columns.Select(pair => $"p.{TableName.Quote(pair.To)} {pair.Operator} c.{TableName.Quote(pair.From)}{pair.Collation}"));

    /// <summary>The rows that the key binds, as c.</summary>
    public string Children => $"{ChildOnly}{Child.ToSql()} c";

    /// <summary>The rows that can be named, as p.</summary>
    public string Parents => $"{ParentOnly}{Parent.ToSql()} p";

    /// <summary>Of a child whose parent is missing. A key that is null somewhere names none, or with MATCH FULL one that is null everywhere.</summary>
    public string IsOrphan =>
        $"({string.Join(IsFull ? " OR " : " AND ", Columns.Select(pair => $"c.{TableName.Quote(pair.From)} IS NOT NULL"))}) AND NOT EXISTS (SELECT FROM {Parents} WHERE {Joined})";
}

/// <summary>
/// All foreign keys that the server enforces. It has never looked at the older rows of a key that was added as NOT VALID
/// (https://www.postgresql.org/docs/current/sql-altertable.html), and at none that came while triggers were disabled or session_replication_role
/// was replica: such rows are orphaned under a key that counts as valid. NOT ENFORCED keys (version 18) promise nothing, so nothing is held against their rows.
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
               (SELECT array_agg(CASE WHEN l.oid IS NULL THEN '' ELSE format(' COLLATE %I.%I', ln.nspname, l.collname) END ORDER BY u.place)
                FROM unnest(k.conkey, k.confkey) WITH ORDINALITY u (own, other, place)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
                JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.other
                LEFT JOIN pg_collation l ON l.oid = pa.attcollation AND pa.attcollation <> a.attcollation
                LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace),
               k.convalidated,
               k.confdeltype IN ('n', 'd'),
               own.columns,
               own.can_be_empty,
               k.confdeltype = 'd' AND own.has_default,
               CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END,
               CASE WHEN p.relkind = 'p' THEN '' ELSE 'ONLY ' END,
               coalesce((SELECT sum(l.relpages) FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid), c.relpages)::bigint * {Catalogue.PageSize},
               k.confmatchtype = 'f',
               coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false)
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
              AND {IsEnforced}
              AND {Catalogue.IsOfUsers}
        ORDER BY n.nspname, c.relname, k.conname
        """;

    /// <summary>Before version 18 every key is, and has no column that says so; k is pg_constraint.</summary>
    internal const string IsEnforced = "coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)";

    private const string NotEnforced =
        $"""
        SELECT count(*)
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT {IsEnforced} AND {Catalogue.IsOfUsers}
        """;

    public static Task<long> CountNotEnforcedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.AskAsync<long>(NotEnforced, cancellationToken);

    public static Task<List<LooseKey>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        row =>
        {
            var (from, to, operators, collations) = (row.GetFieldValue<string[]>(5), row.GetFieldValue<string[]>(6), row.GetFieldValue<string[]>(7), row.GetFieldValue<string[]>(8));
            return new LooseKey(
                row.GetString(0),
                new TableName(row.GetString(1), row.GetString(2)),
                new TableName(row.GetString(3), row.GetString(4)),
                [.. from.Select((column, number) => (column, to[number], operators[number], collations[number]))],
                row.GetBoolean(9))
            {
                Survives = row.GetBoolean(10),
                Emptying = row.GetFieldValue<string[]>(11),
                CanBeEmpty = row.GetBoolean(12),
                HasDefault = row.GetBoolean(13),
                ChildOnly = row.GetString(14),
                ParentOnly = row.GetString(15),
                ChildBytes = row.GetInt64(16),
                IsFull = row.GetBoolean(17),
                IsTemporal = row.GetBoolean(18),
            };
        },
        cancellationToken);
}
