namespace Dashboard.Postgres.Archives;

/// <summary>Passwords that stand in an archive as they are. Whoever can read the file has them.</summary>
internal static class FindSecrets
{
    private static readonly HashSet<string> Options = ["password", "passwd", "pwd", "sslpassword", "secret", "secret_key", "token", "api_key"];

    /// <summary>A sentence each.</summary>
    public static IReadOnlyList<string> Run(IReadOnlyList<ArchiveEntry> entries) =>
    [
        .. entries.Where(entry => entry.Kind is "USER MAPPING" && HasOption(entry)).Select(entry => $"The password of the {Mapping(entry)} is in the dump in clear text."),
        .. entries.Where(entry => entry.Kind is "SERVER" or "FOREIGN DATA WRAPPER" or "FOREIGN TABLE" && HasOption(entry)).Select(entry => $"A password in the options of the {entry.Kind.ToLowerInvariant()} {entry.Title} is in the dump in clear text."),
        .. entries.Where(entry => entry.Kind is "SUBSCRIPTION" && HasPassword(entry)).Select(entry => $"The password of the subscription {entry.Name} is in the dump in clear text."),
    ];

    /// <summary>"USER MAPPING app SERVER far" as a person would say it.</summary>
    private static string Mapping(ArchiveEntry entry) =>
        entry.Name.Replace("USER MAPPING ", "user mapping of ", StringComparison.Ordinal).Replace(" SERVER ", " for the server ", StringComparison.Ordinal);

    private static bool HasOption(ArchiveEntry entry)
    {
        var tokens = SqlTokens.Read(entry.Sql);
        return tokens.Zip(tokens.Skip(1)).Any(pair => pair.First.Kind == TokenKind.Word && Options.Contains(pair.First.Text.ToLowerInvariant()) && pair.Second.Kind == TokenKind.Text);
    }

    /// <summary>In the connection string, as words or as a URL.</summary>
    private static bool HasPassword(ArchiveEntry entry) =>
        SqlTokens.Read(entry.Sql).FirstOrDefault(token => token.Kind == TokenKind.Text).Text is { } connection
        && (connection.Contains("password", StringComparison.OrdinalIgnoreCase)
            || (Uri.TryCreate(connection, UriKind.Absolute, out var url) && url.Scheme.StartsWith("postgres", StringComparison.Ordinal) && url.UserInfo.Contains(':', StringComparison.Ordinal)));
}
