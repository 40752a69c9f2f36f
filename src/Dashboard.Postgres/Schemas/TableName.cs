namespace Dashboard.Postgres.Schemas;

/// <summary>
/// A table as pages and manifests name it: "orders" in the schema public, "audit.log" elsewhere; a part that holds a dot or a quote is quoted.
/// The text belongs to one table only, and the table to one text.
/// </summary>
internal readonly record struct TableName(string Schema, string Name)
{
    private const string Usual = "public";

    public static TableName Parse(string text)
    {
        var parts = new List<string>();
        var part = new System.Text.StringBuilder();
        var isQuoted = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"' && isQuoted && at + 1 < text.Length && text[at + 1] == '"')
            {
                part.Append('"');
                at++;
            }
            else if (text[at] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (text[at] == '.' && !isQuoted && parts.Count == 0)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(text[at]);
            }
        }

        parts.Add(part.ToString());
        return parts is [var schema, var name] ? new TableName(schema, name) : new TableName(Usual, parts[0]);
    }

    public override string ToString() => Schema == Usual ? Part(Name) : $"{Part(Schema)}.{Part(Name)}";

    /// <summary>For SQL: each part quoted, whatever it holds.</summary>
    public string ToSql() => $"{Quote(Schema)}.{Quote(Name)}";

    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Part(string part) => part.AsSpan().IndexOfAny('.', '"') < 0 ? part : Quote(part);
}
