namespace Dashboard.Postgres.Archives;

/// <summary>Roles that an archive names: owners, those with rights, those of policies and user mappings. All of them must be there when it is restored.</summary>
internal static class NamedRoles
{
    private static readonly HashSet<string> NoRoles = ["public", "current_user", "session_user", "current_role"];

    public static IReadOnlyList<string> In(IReadOnlyList<ArchiveEntry> entries) =>
        [.. entries.SelectMany(Of).Where(role => !NoRoles.Contains(role)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Those as whom rights are given: the one who passed them on, or whose default rights they are.</summary>
    public static IEnumerable<string> Acting(ArchiveEntry entry) =>
        entry.Kind == "ACL" ? After(entry, "session", "authorization") : After(entry, "for", "role");

    private static IEnumerable<string> Of(ArchiveEntry entry) => entry.Kind switch
    {
        "ACL" or "DEFAULT ACL" => After(entry, "to").Concat(After(entry, "from")).Concat(Acting(entry)),
        "POLICY" => OfPolicy(entry),
        "USER MAPPING" => After(entry, "mapping", "for"),
        _ when entry.Owner is { } owner && entry.Sql.Contains(" OWNER TO ", StringComparison.Ordinal) => [owner],
        _ => [],
    };

    private static IEnumerable<string> OfPolicy(ArchiveEntry entry)
    {
        var tokens = SqlTokens.Read(entry.Sql);
        var at = tokens.FindIndex(token => token.Is("to"));
        for (at++; at > 0 && at < tokens.Count && tokens[at].Kind == TokenKind.Word; at += 2)
        {
            yield return tokens[at].Text;
            if (at + 1 >= tokens.Count || !tokens[at + 1].Is(","))
            {
                yield break;
            }
        }
    }

    private static IEnumerable<string> After(ArchiveEntry entry, params string[] words)
    {
        var tokens = SqlTokens.Read(entry.Sql);
        for (var at = 0; at + words.Length < tokens.Count; at++)
        {
            if (words.Select((word, index) => tokens[at + index].Is(word)).All(fits => fits) && tokens[at + words.Length] is { Kind: TokenKind.Word } role)
            {
                yield return role.Text;
            }
        }
    }
}
