namespace Dashboard.Postgres.Archives;

/// <summary>A function or procedure as the archive defines it.</summary>
/// <param name="Body">Null where the server has resolved its names already (BEGIN ATOMIC), or has none.</param>
/// <param name="Parameters">Those that it sets for itself.</param>
internal sealed record RoutineDefinition(string Language, string? Body, IReadOnlyList<string> Parameters, bool IsLeakproof, bool HasSupport, IReadOnlyList<Token> Tokens)
{
    /// <summary>Whether it brings its own search_path.</summary>
    public bool SetsPath => Parameters.Contains("search_path");

    public static RoutineDefinition Read(ArchiveEntry entry)
    {
        var tokens = SqlTokens.Read(entry.Sql);
        var end = tokens.FindIndex(token => token.Is(";"));
        var (language, body, isLeakproof, hasSupport, depth) = ("sql", (string?)null, false, false, 0);
        List<string> parameters = [];
        for (var at = 0; at < (end < 0 ? tokens.Count : end); at++)
        {
            var next = at + 1 < tokens.Count ? tokens[at + 1] : default;
            depth += tokens[at].Is("(") ? 1 : tokens[at].Is(")") ? -1 : 0;
            if (depth > 0)
            {
                continue;
            }

            if (tokens[at].Is("language"))
            {
                language = next.Text;
            }
            else if (tokens[at].Is("set") && next.Kind == TokenKind.Word)
            {
                parameters.Add(at + 3 < tokens.Count && tokens[at + 2].Is(".") ? $"{next.Text}.{tokens[at + 3].Text}" : next.Text);
            }
            else if (tokens[at].Is("as") && next.Kind == TokenKind.Text)
            {
                body ??= next.Text;
            }
            else if (tokens[at].Is("begin"))
            {
                break;
            }

            isLeakproof |= tokens[at].Is("leakproof") && !(at > 0 && tokens[at - 1].Is("not"));
            hasSupport |= tokens[at].Is("support");
        }

        return new RoutineDefinition(language, body, parameters, isLeakproof, hasSupport, tokens);
    }
}
