namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// Reads the text of a definition that SQLite has parsed before, so that it is well formed. Names, strings and comments are skipped as wholes,
/// because any sign may stand in them.
/// </summary>
internal static class SqlText
{
    /// <summary>The parts between commas that stand outside of parentheses.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        List<string> parts = [];
        var (depth, start) = (0, 0);
        for (var position = 0; position < text.Length; position = Skip(text, position))
        {
            depth += text[position] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0 && text[position] == ',')
            {
                parts.Add(text[start..position]);
                start = position + 1;
            }
        }

        return [.. parts, text[start..]];
    }

    /// <summary>A name or a text without the quotes around it.</summary>
    public static string Unquoted(string text)
    {
        if (text.Length < 2 || (text[0], text[^1]) is not (('\'', '\'') or ('"', '"') or ('`', '`') or ('[', ']')))
        {
            return text;
        }

        var inner = text[1..^1];
        return text[0] == '[' ? inner : inner.Replace(new string(text[0], 2), text[..1], StringComparison.Ordinal);
    }

    /// <summary>Where a word stands outside of quotes and parentheses; -1 where it does not.</summary>
    public static int WordAt(string text, string word)
    {
        var depth = 0;
        for (var position = 0; position < text.Length; position = Skip(text, position))
        {
            depth += text[position] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0
                && string.Compare(text, position, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
                && (position == 0 || !IsOfWord(text[position - 1]))
                && (position + word.Length == text.Length || !IsOfWord(text[position + word.Length])))
            {
                return position;
            }
        }

        return -1;
    }

    private static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$';

    /// <summary>The position after what begins here: one sign, or all of a quoted name, a string or a comment.</summary>
    public static int Skip(string sql, int position)
    {
        var closing = sql[position] switch { '\'' => '\'', '"' => '"', '`' => '`', '[' => ']', _ => '\0' };
        if (closing != '\0')
        {
            for (var end = position + 1; end < sql.Length; end++)
            {
                // Doubled, it stands for itself.
                if (sql[end] == closing && (closing == ']' || end + 1 == sql.Length || sql[end + 1] != closing))
                {
                    return end + 1;
                }

                if (sql[end] == closing)
                {
                    end++;
                }
            }

            return sql.Length;
        }

        if (string.CompareOrdinal(sql, position, "--", 0, 2) == 0)
        {
            var line = sql.IndexOf('\n', position);
            return line < 0 ? sql.Length : line + 1;
        }

        if (string.CompareOrdinal(sql, position, "/*", 0, 2) == 0)
        {
            var end = sql.IndexOf("*/", position + 2, StringComparison.Ordinal);
            return end < 0 ? sql.Length : end + 2;
        }

        return position + 1;
    }
}
