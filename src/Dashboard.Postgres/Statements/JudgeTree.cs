using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Statements;

/// <summary>
/// Looks at everything that a statement would run: what stands in it, and behind that views, row security policies, generated columns, aggregates, operators and
/// the checks of domains, until nothing new turns up. Whatever is not known to be harmless is named.
/// </summary>
/// <remarks>Run with the search_path at pg_catalog, in the transaction in which the statement was parsed.</remarks>
internal sealed class JudgeTree(NpgsqlConnection connection, StatementPolicy policy, long ownView, CancellationToken cancellationToken)
{
    private readonly HashSet<long> _functions = [];
    private readonly HashSet<long> _tables = [ownView];
    private readonly HashSet<long> _types = [];
    private readonly Queue<(ParseTree Tree, string Within)> _waiting = [];

    /// <returns>A sentence that names what may not be used; null when all of it may.</returns>
    public async Task<string?> FindFaultAsync(string tree)
    {
        _waiting.Enqueue((ParseTree.Read(tree), ""));
        while (_waiting.TryDequeue(out var next))
        {
            var fault = next.Tree.LocksRows ? $"Rows may not be locked here{next.Within}." : await FindFunctionFaultAsync(next.Tree, next.Within) ?? await FindTableFaultAsync(next.Tree, next.Within);
            if (fault is not null)
            {
                return fault;
            }

            await FollowTypesAsync(next.Tree, next.Within);
        }

        return null;
    }

    private async Task<string?> FindFunctionFaultAsync(ParseTree tree, string within)
    {
        foreach (var function in await ReadFunctionsAsync([.. tree.Functions.Where(_functions.Add)], [.. tree.Operators]))
        {
            if (KnownHarmless.WhyNot(function, policy) is { } why)
            {
                return $"The function {function.Shown}{within} may not be used here: {why}.";
            }

            if (function.Language == "internal" && !function.IsBuiltIn && !function.IsAggregate && function.Same.Count == 0)
            {
                return $"The function {function.Shown}{within} may not be used here: what it does can't be told.";
            }

            if (function.Same.Count + function.Parts.Count > 0)
            {
                var part = function.IsAggregate ? $" in {function.Shown}" : $" behind {function.Shown}";
                _waiting.Enqueue((new ParseTree([.. function.Same, .. function.Parts], [], [], function.StateType > 0 ? [function.StateType] : []), within + part));
            }
        }

        return null;
    }

    private async Task<string?> FindTableFaultAsync(ParseTree tree, string within)
    {
        foreach (var (name, kind, trees) in await ReadTablesAsync([.. tree.Tables.Where(_tables.Add)]))
        {
            if (kind == 'f')
            {
                return $"The foreign table {name}{within} may not be used here: reading it reaches another server or a file.";
            }

            foreach (var (what, inner) in trees)
            {
                _waiting.Enqueue((ParseTree.Read(inner), $" in {what} {name}"));
            }
        }

        return null;
    }

    private async Task<List<CalledFunction>> ReadFunctionsAsync(long[] functions, long[] operators) => functions.Length + operators.Length == 0 ? [] : await connection.ListAsync(
        """
        SELECT
            p.proname,
            p.oid::regprocedure::text,
            l.lanname,
            p.provolatile = 'v',
            p.oid < $3::bigint::oid,
            p.prokind = 'a',
            'cstring'::regtype = ANY(p.proargtypes::oid[]),
            (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'),
            ARRAY(SELECT b.oid::bigint FROM pg_proc b WHERE p.oid >= $3::bigint::oid AND p.prokind <> 'a' AND l.lanname = 'internal' AND b.oid < $3::bigint::oid AND b.prolang = p.prolang AND b.prosrc = p.prosrc),
            ARRAY(
                SELECT part::oid::bigint
                FROM pg_aggregate a, unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]) part
                WHERE p.oid >= $3::bigint::oid AND a.aggfnoid = p.oid AND part::oid <> 0),
            coalesce((SELECT a.aggtranstype::bigint FROM pg_aggregate a WHERE p.oid >= $3::bigint::oid AND a.aggfnoid = p.oid), 0)
        FROM pg_proc p
        JOIN pg_language l ON l.oid = p.prolang
        WHERE p.oid = ANY($1::bigint[]::oid[])
            OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY($2::bigint[]::oid[]))
        """,
        row => new CalledFunction(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6), row.IsDBNull(7) ? null : row.GetString(7),
            row.GetFieldValue<long[]>(8), row.GetFieldValue<long[]>(9), row.GetInt64(10)),
        cancellationToken,
        functions,
        operators,
        KnownHarmless.FirstOfUsers);

    /// <summary>With what is run when they are read: the rule of a view, policies that hold for this login, columns that are computed while reading. Children are read along.</summary>
    private async Task<List<(string Name, char Kind, IReadOnlyList<(string What, string Tree)> Trees)>> ReadTablesAsync(long[] tables) => tables.Length == 0 ? [] : await connection.ListAsync(
        """
        WITH RECURSIVE read (oid) AS (
            SELECT unnest($1::bigint[]::oid[])
            UNION
            SELECT i.inhrelid FROM pg_inherits i JOIN read ON i.inhparent = read.oid
        )
        SELECT
            c.oid::regclass::text,
            c.relkind,
            ARRAY(SELECT ev_action::text FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '1'),
            ARRAY(SELECT polqual::text FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND p.polqual IS NOT NULL AND row_security_active(c.oid)),
            ARRAY(SELECT d.adbin::text FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attgenerated = 'v')
        FROM read
        JOIN pg_class c ON c.oid = read.oid
        """,
        row => (
            row.GetString(0),
            row.GetChar(1),
            (IReadOnlyList<(string, string)>)
            [
                .. row.GetFieldValue<string[]>(2).Select(tree => ("the view", tree)),
                .. row.GetFieldValue<string[]>(3).Select(tree => ("a row security policy of", tree)),
                .. row.GetFieldValue<string[]>(4).Select(tree => ("a generated column of", tree)),
            ]),
        cancellationToken,
        tables);

    /// <summary>A value that is made runs the checks of its domain, and of those inside of it: of an array's elements, a row's columns, a range's ends.</summary>
    private async Task FollowTypesAsync(ParseTree tree, string within)
    {
        var types = tree.Types.Where(_types.Add).ToArray();
        if (types.Length == 0)
        {
            return;
        }

        var made = await connection.ListAsync(
            """
            WITH RECURSIVE made (oid) AS (
                SELECT unnest($1::bigint[]::oid[])
                UNION
                SELECT part.oid
                FROM made
                JOIN pg_type t ON t.oid = made.oid
                CROSS JOIN LATERAL (
                    SELECT t.typbasetype
                    UNION ALL SELECT t.typelem
                    UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                    -- Multiranges came with version 14; so asked, older servers have none.
                    UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid OR to_jsonb(r) ->> 'rngmultitypid' = t.oid::text
                ) part (oid)
                WHERE part.oid <> 0
            )
            SELECT
                t.oid::regtype::text,
                ARRAY(SELECT conbin::text FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'),
                ARRAY(SELECT part::oid::bigint FROM pg_range r, unnest(ARRAY[r.rngcanonical, r.rngsubdiff]) part WHERE r.rngtypid = t.oid AND part::oid <> 0)
            FROM made
            JOIN pg_type t ON t.oid = made.oid
            """,
            row => (Name: row.GetString(0), Checks: row.GetFieldValue<string[]>(1), Functions: row.GetFieldValue<long[]>(2)),
            cancellationToken,
            types);
        foreach (var (name, checks, functions) in made)
        {
            foreach (var check in checks)
            {
                _waiting.Enqueue((ParseTree.Read(check), $" in the check of {name}{within}"));
            }

            if (functions.Length > 0)
            {
                _waiting.Enqueue((new ParseTree(functions, [], [], []), $" in the type {name}{within}"));
            }
        }
    }
}
