namespace Dashboard.Sqlite.Restores;

/// <summary>
/// How text is stored belongs to the content, so a restore can change it. SQLite does not let a connection change its own: each that is open
/// answers "attached databases must use the same text encoding" from then on (https://www.sqlite.org/pragma.html#pragma_encoding).
/// </summary>
internal static class TextEncoding
{
    /// <summary>What a person must know; nothing where both are the same or one is not known.</summary>
    public static IEnumerable<string> Compare(string? live, string? restored)
    {
        if (live is not null && restored is not null && live != restored)
        {
            yield return $"The text encoding changes from {live} to {restored}. Restart applications that have the database open: they get errors until then.";
        }
    }
}
