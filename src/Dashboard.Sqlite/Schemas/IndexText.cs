namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// What only the text of CREATE INDEX tells: expressions and the condition. SQLite has parsed it before, so it is well formed;
/// names, strings and comments are skipped as wholes, because any sign may stand in them.
/// </summary>
/// <param name="Columns">Each as it was written, without COLLATE and direction.</param>
internal sealed record IndexText(IReadOnlyList<string> Columns, string? Where)
{
    private static readonly string[] Directions = ["ASC", "DESC"];

    /// <summary>Null for a text that is none, as an application with a writable schema may have left it.</summary>
    public static IndexText? Parse(string sql)
    {
        var columns = new List<string>();
        var (depth, start, position) = (0, 0, 0);
        while (position < sql.Length)
        {
            switch (sql[position])
            {
                case '(' when depth++ == 0:
                    start = position + 1;
                    break;
                case ',' when depth == 1:
                    columns.Add(Bare(sql[start..position]));
                    start = position + 1;
                    break;
                case ')' when --depth == 0:
                    columns.Add(Bare(sql[start..position]));
                    return new IndexText(columns, WhereOf(sql[(position + 1)..]));
            }

            position = Skip(sql, position);
        }

        return null;
    }

    private static string? WhereOf(string rest)
    {
        var at = WordAt(rest, "WHERE");
        return at < 0 ? null : rest[(at + "WHERE".Length)..].Trim().TrimEnd(';').TrimEnd();
    }

    /// <summary>Without a direction and a collation at its end.</summary>
    private static string Bare(string column)
    {
        var text = column.Trim();
        foreach (var direction in Directions)
        {
            if (text.EndsWith(direction, StringComparison.OrdinalIgnoreCase) && text.Length > direction.Length && char.IsWhiteSpace(text[^(direction.Length + 1)]))
            {
                text = text[..^direction.Length].TrimEnd();
            }
        }

        var collate = WordAt(text, "COLLATE");
        return collate > 0 ? text[..collate].TrimEnd() : text;
    }

    /// <summary>Where a word stands outside of quotes and parentheses; -1 where it does not.</summary>
    private static int WordAt(string text, string word)
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
    private static int Skip(string sql, int position)
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
