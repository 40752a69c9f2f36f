namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// What only the text of CREATE INDEX tells: expressions and the condition.
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

            position = SqlText.Skip(sql, position);
        }

        return null;
    }

    private static string? WhereOf(string rest)
    {
        var at = SqlText.WordAt(rest, "WHERE");
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

        var collate = SqlText.WordAt(text, "COLLATE");
        return collate > 0 ? text[..collate].TrimEnd() : text;
    }
}
