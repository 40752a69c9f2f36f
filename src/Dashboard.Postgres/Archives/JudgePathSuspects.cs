using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Archives;

/// <summary>What the server says of names without a schema: only those that pg_catalog has are found with an empty search_path.</summary>
internal static class JudgePathSuspects
{
    /// <summary>Words with a meaning of their own in SQL are no calls; any keyword may begin the name of a type ("double precision").</summary>
    private const string Question =
        """
        SELECT asked.kind, asked.name, (
            SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\_%' AND n.oid IN (
                SELECT pronamespace FROM pg_proc WHERE asked.kind = 0 AND proname = asked.name
                UNION ALL SELECT relnamespace FROM pg_class WHERE asked.kind = 1 AND relname = asked.name
                UNION ALL SELECT typnamespace FROM pg_type WHERE asked.kind = 2 AND typname = asked.name
                UNION ALL SELECT oprnamespace FROM pg_operator WHERE asked.kind = 3 AND oprname = asked.name))
        FROM unnest($1, $2) AS asked (kind, name)
        WHERE CASE asked.kind
            WHEN 0 THEN NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = asked.name)
                    AND NOT EXISTS (SELECT FROM pg_get_keywords() WHERE word = asked.name AND catcode <> 'U')
            WHEN 1 THEN NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relname = asked.name)
            WHEN 2 THEN NOT EXISTS (SELECT FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname = asked.name)
                    AND NOT EXISTS (SELECT FROM pg_get_keywords() WHERE word = asked.name)
            ELSE NOT EXISTS (SELECT FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprname = asked.name) END
        """;

    /// <summary>Those that stop a restore, or do so once their table has rows.</summary>
    public static async Task<IReadOnlyList<PathFault>> RunAsync(NpgsqlConnection connection, IReadOnlyList<PathSuspect> suspects, CancellationToken cancellationToken)
    {
        var names = suspects.SelectMany(suspect => suspect.Names).Distinct().ToList();
        if (names.Count == 0)
        {
            return [];
        }

        var missing = (await connection.ListAsync(
            Question,
            reader => (Name: new UnqualifiedName((NameKind)reader.GetInt32(0), reader.GetString(1)), Schemas: reader.IsDBNull(2) ? null : reader.GetString(2)),
            cancellationToken,
            names.Select(name => (int)name.Kind).ToArray(),
            names.Select(name => name.Name).ToArray())).ToDictionary(found => found.Name, found => found.Schemas);
        return [.. suspects
            .Select(suspect => (Suspect: suspect, Missing: suspect.Names.Where(missing.ContainsKey).ToList()))
            .Where(found => found.Missing.Count > 0)
            .GroupBy(found => found.Suspect.Id)
            .Select(found => found.First())
            .Select(found => new PathFault(found.Suspect, [.. found.Missing.Select(name => name.Name)], string.Join(", ", found.Missing.Select(name => missing[name]).OfType<string>().Distinct())))];
    }
}

/// <param name="Names">Without a schema, and not in pg_catalog.</param>
/// <param name="Schemas">In which the server has them; empty where it has none.</param>
internal sealed record PathFault(PathSuspect Suspect, IReadOnlyList<string> Names, string Schemas)
{
    public string Problem => $"{Suspect.Title} can't be restored: {Suspect.Routine} uses {Words.List(Names, 3)} without a schema, and a restore runs with an empty search_path.";

    public string Cure => $"ALTER FUNCTION {Suspect.Routine} SET search_path = {(Schemas.Length > 0 ? Schemas : "the schemas that it needs")}; or write the schemas in its body. Then back up again.";
}
