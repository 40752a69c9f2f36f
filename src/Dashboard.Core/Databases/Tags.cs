namespace Dashboard.Core.Databases;

/// <summary>Words that an admin puts on databases to find them by: "production", "customer-a". Kept in one text, parted by spaces. Pure.</summary>
public static class Tags
{
    public const int Most = 10;

    public const int Longest = 30;

    private static readonly char[] Parting = [' ', ',', ';', '\t', '\n', '\r'];

    public static IReadOnlyList<string> Split(string tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return tags.Split(Parting, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>As they are kept: small letters, each once, in the order of the alphabet.</summary>
    /// <exception cref="DatabaseException">When there are too many, or one is too long.</exception>
    public static string Demand(string? typed)
    {
        var tags = Split((typed ?? "").ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToList();
        if (tags.FirstOrDefault(tag => tag.Length > Longest) is { } tooLong)
        {
            throw new DatabaseException($"The tag “{tooLong}” is too long.", $"A tag has at most {Longest} letters.");
        }

        return tags.Count <= Most
            ? string.Join(' ', tags)
            : throw new DatabaseException($"{tags.Count} tags are too many.", $"A database has at most {Most}.");
    }
}
