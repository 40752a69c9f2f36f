namespace Dashboard.Postgres.Archives;

/// <summary>
/// pg_dump sets search_path to nothing, so that a dump means the same wherever it is restored. What is computed then, for each row (generated columns,
/// constraints, keys of partitions) or at once (indexes, materialized views), fails when a function on the way relies on the search_path of the application.
/// </summary>
internal sealed class FindPathSuspects
{
    private const int Deepest = 20;

    private static readonly HashSet<string> Routines = ["FUNCTION", "PROCEDURE", "AGGREGATE"];
    private static readonly HashSet<string> Passages = [.. Routines, "VIEW", "DOMAIN", "OPERATOR", "MATERIALIZED VIEW"];
    private static readonly HashSet<string> Relations = ["TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE"];

    private readonly Dictionary<int, ArchiveEntry> _byId;
    private readonly ILookup<(string, string), ArchiveEntry> _byName;
    private readonly Dictionary<int, RoutineDefinition> _routines = [];
    private readonly Dictionary<int, IReadOnlyList<UnqualifiedName>> _names = [];
    private readonly IReadOnlyList<ArchiveEntry> _entries;
    private readonly HashSet<string> _relations;

    private FindPathSuspects(IReadOnlyList<ArchiveEntry> entries)
    {
        _entries = entries;
        _byId = entries.GroupBy(entry => entry.Id).ToDictionary(group => group.Key, group => group.First());
        _byName = entries.Where(entry => entry.Schema is not null && Passages.Contains(entry.Kind)).ToLookup(entry => (entry.Schema!, PlainName(entry)));
        _relations = [.. entries.Where(entry => Relations.Contains(entry.Kind)).Select(PlainName)];
    }

    public static IReadOnlyList<PathSuspect> Run(IReadOnlyList<ArchiveEntry> entries) => new FindPathSuspects(entries).Find();

    private List<PathSuspect> Find()
    {
        List<PathSuspect> found = [];
        foreach (var entry in _entries)
        {
            var (computed, title, table) = Computed(entry);
            foreach (var routine in computed.Count > 0 ? FindRoutines(computed, entry, [], 0) : [])
            {
                // The planner puts a function of SQL into an index's expression itself, with rows or without.
                var isPlanned = entry.Kind is "MATERIALIZED VIEW DATA" || (entry.Kind == "INDEX" && _routines[routine.Id].Language == "sql");
                found.Add(new PathSuspect(entry.Id, title, isPlanned ? null : table, $"{routine.Schema}.{routine.Name}", entry.Kind is "INDEX" or "MATERIALIZED VIEW DATA", _names[routine.Id]));
            }
        }

        return found;
    }

    /// <summary>What of an entry is computed during the restore.</summary>
    private (IReadOnlyList<Token> Tokens, string Title, string? Table) Computed(ArchiveEntry entry)
    {
        switch (entry.Kind)
        {
            case "INDEX":
                var index = SqlTokens.Read(entry.Sql);
                return (index, $"Index {entry.Title}", After(index, "on"));
            case "CONSTRAINT" or "CHECK CONSTRAINT":
                var constraint = SqlTokens.Read(entry.Sql);
                var isChecked = !constraint.Zip(constraint.Skip(1)).Any(pair => pair.First.Is("not") && pair.Second.Is("valid"));
                return (isChecked ? constraint : [], $"Constraint {entry.Title}", After(constraint, "table"));
            case "TABLE":
                var table = SqlTokens.Read(entry.Sql);
                return (OfRows(table), $"Table {entry.Title} (generated column, constraint or partition key)", After(table, "table"));
            case "MATERIALIZED VIEW DATA":
                return (Defining(entry), $"Materialized view {entry.Title}", null);
            default:
                return ([], "", null);
        }
    }

    /// <summary>A materialized view that is filled is made first and filled by an entry of its own.</summary>
    private List<Token> Defining(ArchiveEntry data) =>
        _byName[(data.Schema ?? "", data.Name)].FirstOrDefault(entry => entry.Kind == "MATERIALIZED VIEW") is { } view ? SqlTokens.Read(view.Sql) : [];

    /// <summary>Of a table: generated columns, constraints, the key of partitions, and domains of columns; never defaults, which no row of a dump asks for.</summary>
    private List<Token> OfRows(List<Token> table)
    {
        List<Token> found = [];
        for (var at = 0; at < table.Count; at++)
        {
            var isComputed = table[at].Is("check") || (table[at].Is("as") && at > 0 && table[at - 1].Is("always")) || (table[at].Is("by") && at > 0 && table[at - 1].Is("partition"));
            if (isComputed)
            {
                for (var (next, depth) = (at + 1, 0); next < table.Count; next++)
                {
                    depth += table[next].Is("(") ? 1 : table[next].Is(")") ? -1 : 0;
                    found.Add(table[next]);
                    if (depth == 0 && table[next].Is(")"))
                    {
                        break;
                    }
                }
            }
            else if (at + 2 < table.Count && table[at + 1].Is(".") && _byName[(table[at].Text, table[at + 2].Text)].Any(entry => entry.Kind == "DOMAIN"))
            {
                found.AddRange(table[at..(at + 3)]);
            }
        }

        return found;
    }

    /// <summary>The functions on the way that have names without a schema; which of them the server knows is not known here.</summary>
    private IEnumerable<ArchiveEntry> FindRoutines(IReadOnlyList<Token> tokens, ArchiveEntry of, HashSet<int> seen, int depth)
    {
        for (var at = 0; at + 2 < tokens.Count && depth <= Deepest; at++)
        {
            if (tokens[at].Kind != TokenKind.Word || !tokens[at + 1].Is(".") || _byName[(tokens[at].Text, tokens[at + 2].Text)].ToList() is not { Count: > 0 } named)
            {
                continue;
            }

            // Of several of one name, those that the archive says are needed.
            var needed = named.Where(entry => of.Needs.Contains(entry.Id)).ToList();
            foreach (var entry in (needed.Count > 0 ? needed : named).Where(entry => entry.Id != of.Id && seen.Add(entry.Id)))
            {
                foreach (var found in FindIn(entry, seen, depth))
                {
                    yield return found;
                }
            }
        }
    }

    private IEnumerable<ArchiveEntry> FindIn(ArchiveEntry entry, HashSet<int> seen, int depth)
    {
        if (!Routines.Contains(entry.Kind) || entry.Kind == "AGGREGATE")
        {
            return FindRoutines(SqlTokens.Read(entry.Sql), entry, seen, depth + 1);
        }

        var routine = _routines[entry.Id] = RoutineDefinition.Read(entry);
        if (routine.SetsPath)
        {
            return [];
        }

        if (routine.Body is not { } body || routine.Language is not ("sql" or "plpgsql"))
        {
            return FindRoutines(routine.Tokens, entry, seen, depth + 1);
        }

        // One that sets the path in its body is left to itself.
        var tokens = SqlTokens.Read(body);
        if (tokens.Any(token => token.Text.Contains("search_path", StringComparison.OrdinalIgnoreCase)))
        {
            return [];
        }

        _names[entry.Id] = new UnqualifiedNames(tokens, _relations).Find();
        return FindRoutines(tokens, entry, seen, depth + 1).Concat(_names[entry.Id].Count > 0 ? [entry] : []);
    }

    /// <summary>Functions are listed with their arguments, and quoted where they must be; everything else as it is.</summary>
    private static string PlainName(ArchiveEntry entry)
    {
        if (!Routines.Contains(entry.Kind))
        {
            return entry.Name;
        }

        var tokens = SqlTokens.Read(entry.Name);
        return tokens.Count > 0 ? tokens[0].Text : entry.Name;
    }

    /// <summary>"app"."doc" after a word, for SQL.</summary>
    private static string? After(List<Token> tokens, string word)
    {
        var at = Enumerable.Range(0, tokens.Count).FirstOrDefault(index => tokens[index].Is(word), -1) + 1;
        at += at > 0 && at < tokens.Count && tokens[at].Is("only") ? 1 : 0;
        return at > 0 && at + 2 < tokens.Count && tokens[at + 1].Is(".") ? new Schemas.TableName(tokens[at].Text, tokens[at + 2].Text).ToSql() : null;
    }
}
