namespace Dashboard.Postgres.Archives;

/// <summary>What the entries of an archive ask of whoever restores them. Pure.</summary>
internal sealed class ListDemands
{
    /// <summary>Of these the server lets only a superuser make one.</summary>
    private static readonly HashSet<string> OfSuperusers =
    [
        "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "ACCESS METHOD", "OPERATOR CLASS", "OPERATOR FAMILY", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "PROCEDURAL LANGUAGE", "SHELL TYPE",
    ];

    /// <summary>Owned, but not in the sense that somebody is made their owner.</summary>
    private static readonly HashSet<string> WithoutOwner = ["ACL", "COMMENT", "USER MAPPING", "EXTENSION", "SECURITY LABEL", "DEFAULT ACL", "DATABASE PROPERTIES"];

    /// <summary>What is no object of its own in a sentence.</summary>
    private static readonly HashSet<string> Parts = ["ACL", "COMMENT", "SECURITY LABEL", "DEFAULT", "INDEX ATTACH", "TABLE ATTACH", "SEQUENCE OWNED BY", "SEQUENCE SET"];

    private static readonly HashSet<string> OfRows = ["TABLE", "TABLE DATA", "SEQUENCE", "BLOB", "BLOBS", "BLOB METADATA"];

    private readonly IReadOnlyList<ArchiveEntry> _entries;
    private readonly ILookup<int, ArchiveEntry> _dependents;

    /// <summary>Publications of whole schemas, which must belong to a superuser.</summary>
    private readonly HashSet<int> _wide;

    private ListDemands(IReadOnlyList<ArchiveEntry> entries)
    {
        _entries = entries;
        _dependents = entries.SelectMany(entry => entry.Needs.Distinct().Select(need => (Need: need, Entry: entry))).ToLookup(pair => pair.Need, pair => pair.Entry);
        _wide = [.. entries.Where(entry => entry.Kind == "PUBLICATION TABLES IN SCHEMA").SelectMany(entry => entry.Needs)];
    }

    public static IReadOnlyList<Demand> Run(IReadOnlyList<ArchiveEntry> entries) => new ListDemands(entries).List();

    private List<Demand> List()
    {
        List<(DemandKind Kind, string Name, string? Schema, ArchiveEntry Entry)> found = [];
        foreach (var entry in _entries)
        {
            found.AddRange(DemandsOf(entry).Select(demand => (demand.Kind, demand.Name, demand.Schema, entry)));
        }

        return
        [
            .. found.Where(demand => IsEach(demand.Kind)).Select(demand => Make(demand.Kind, demand.Name, demand.Schema, [demand.Entry])),
            .. found.Where(demand => !IsEach(demand.Kind)).GroupBy(demand => (demand.Kind, demand.Name, demand.Schema)).Select(group => Make(group.Key.Kind, group.Key.Name, group.Key.Schema, [.. group.Select(demand => demand.Entry)])),
        ];
    }

    /// <summary>Each object for itself; the others by what they need.</summary>
    private static bool IsEach(DemandKind kind) => kind is DemandKind.Superuser or DemandKind.Extension or DemandKind.Subscription;

    private Demand Make(DemandKind kind, string name, string? schema, List<ArchiveEntry> entries)
    {
        var along = Along(entries);
        return new Demand(
            kind,
            [.. entries.Select(entry => new Thing(entry.Id, Title(entry)))],
            name,
            schema,
            [.. along.Where(entry => !Parts.Contains(entry.Kind)).Select(Title)],
            [.. along.Select(entry => entry.Id)],
            along.Concat(entries).Any(entry => OfRows.Contains(entry.Kind)));
    }

    private IEnumerable<(DemandKind Kind, string Name, string? Schema)> DemandsOf(ArchiveEntry entry)
    {
        if (OfSuperusers.Contains(entry.Kind) || IsOfSuperuser(entry) || (entry.Kind == "PUBLICATION" && _wide.Contains(entry.Id)))
        {
            yield return (DemandKind.Superuser, entry.Name, null);
            yield break;
        }

        if (entry.Kind is "FUNCTION" or "PROCEDURE" && RoutineDefinition.Read(entry).Language is var language && !IsTrusted(language))
        {
            yield return (DemandKind.Language, language, null);
            yield break;
        }

        switch (entry.Kind)
        {
            case "EXTENSION":
                yield return (DemandKind.Extension, entry.Name, null);
                break;
            case "SUBSCRIPTION":
                yield return (DemandKind.Subscription, entry.Name, null);
                break;
            case "FUNCTION" or "PROCEDURE":
                foreach (var demand in DemandsOfRoutine(entry))
                {
                    yield return demand;
                }

                break;
            case "ACL" or "DEFAULT ACL":
                foreach (var role in NamedRoles.Acting(entry))
                {
                    yield return (entry.Kind == "ACL" ? DemandKind.GrantedBy : DemandKind.Owner, role, null);
                }

                break;
        }

        if (entry.Tablespace is { } tablespace)
        {
            yield return (DemandKind.Tablespace, tablespace, null);
        }

        if (entry.Owner is not { } owner || WithoutOwner.Contains(entry.Kind) || !entry.Sql.Contains(" OWNER TO ", StringComparison.Ordinal))
        {
            yield break;
        }

        yield return (DemandKind.Owner, owner, null);
        if (entry.Schema is { } schema)
        {
            yield return (DemandKind.CreateIn, owner, schema);
        }

        if (entry.Kind == "PUBLICATION")
        {
            yield return (DemandKind.CreateInDatabase, owner, null);
        }
    }

    private static IEnumerable<(DemandKind Kind, string Name, string? Schema)> DemandsOfRoutine(ArchiveEntry entry)
    {
        foreach (var parameter in RoutineDefinition.Read(entry).Parameters.Where(parameter => parameter != "search_path"))
        {
            yield return (DemandKind.Parameter, parameter, null);
        }
    }

    /// <summary>Those of modules carry a "u" where they are untrusted.</summary>
    private static bool IsTrusted(string language) => language is not ("c" or "internal") && !(language.StartsWith("pl", StringComparison.Ordinal) && language.EndsWith('u'));

    /// <summary>What an ordinary role may make as a rule, and not in this way.</summary>
    private static bool IsOfSuperuser(ArchiveEntry entry) => entry.Kind switch
    {
        "FUNCTION" => RoutineDefinition.Read(entry) is { IsLeakproof: true } or { HasSupport: true },
        // A new database has it, of the first superuser; dumps of before PostgreSQL 11 say so once more.
        "COMMENT" => entry.Name == "EXTENSION plpgsql",
        "CAST" => entry.Sql.Contains("WITHOUT FUNCTION", StringComparison.Ordinal),
        "TYPE" => Has(entry, "input") || SqlTokens.Read(entry.Sql) is [_, _, _, _, _, var end, ..] && end.Is(";"),
        "AGGREGATE" => SqlTokens.Read(entry.Sql).Any(token => token.Is("internal")),
        "PUBLICATION" => entry.Sql.Contains(" FOR ALL TABLES", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>"INPUT = app.point_in".</summary>
    private static bool Has(ArchiveEntry entry, string option)
    {
        var tokens = SqlTokens.Read(entry.Sql);
        return tokens.Zip(tokens.Skip(1)).Any(pair => pair.First.Is(option) && pair.Second is { Kind: TokenKind.Operator, Text: "=" });
    }

    /// <summary>What needs one of these, and what needs that. Everything in the schema public needs it, and that is always there.</summary>
    private List<ArchiveEntry> Along(List<ArchiveEntry> entries)
    {
        List<ArchiveEntry> found = [];
        HashSet<int> seen = [.. entries.Select(entry => entry.Id)];
        Queue<ArchiveEntry> queue = new(entries);
        while (queue.TryDequeue(out var entry))
        {
            foreach (var dependent in _dependents[entry.Id].Where(dependent => seen.Add(dependent.Id)))
            {
                found.Add(dependent);
                queue.Enqueue(dependent);
            }
        }

        return found;
    }

    /// <summary>Some names begin with what they are: "CAST (money AS bigint)".</summary>
    private static string Title(ArchiveEntry entry) =>
        entry.Kind.ToLowerInvariant() + (entry.Name.StartsWith(entry.Kind + " ", StringComparison.Ordinal) ? entry.Name[entry.Kind.Length..] : " " + entry.Title);
}
