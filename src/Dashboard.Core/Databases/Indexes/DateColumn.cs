namespace Dashboard.Core.Databases.Indexes;

/// <summary>Whether a column holds moments, by its declared type or else by its name. Pure.</summary>
internal static class DateColumn
{
    private static readonly HashSet<string> LastWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "date", "time", "datetime", "timestamp", "ts", "day", "created", "updated", "modified", "expires", "expiry", "since", "until", "deadline",
    };

    public static bool Is(IndexColumn column)
    {
        if (column.Name is not { } name)
        {
            return false;
        }

        var type = column.DeclaredType;
        if (type.Contains("BOOL", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (type.Contains("DATE", StringComparison.OrdinalIgnoreCase) || type.Contains("TIME", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var words = Split(name);
        return words.Count > 0
            && (LastWords.Contains(words[^1]) || (words.Count > 1 && IsPreposition(words[^1], type)))
            && words[0].ToUpperInvariant() is not ("IS" or "HAS");
    }

    /// <summary>"placed_at", and "signed_on" where it is no number: "switched_on" may be a yes or no.</summary>
    private static bool IsPreposition(string word, string type) =>
        word.Equals("at", StringComparison.OrdinalIgnoreCase)
        || (word.Equals("on", StringComparison.OrdinalIgnoreCase) && !type.Contains("INT", StringComparison.OrdinalIgnoreCase));

    /// <summary>"placedAt" and "placed_at" are two words each.</summary>
    private static List<string> Split(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var end = 1; end <= name.Length; end++)
        {
            if (end == name.Length || !char.IsLetterOrDigit(name[end]) || (char.IsUpper(name[end]) && char.IsLower(name[end - 1])))
            {
                var word = name[start..end].Trim('_', ' ', '-', '.');
                if (word.Length > 0)
                {
                    words.Add(word);
                }

                start = end;
            }
        }

        return words;
    }
}
