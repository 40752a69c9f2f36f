namespace Dashboard.Comparison;

/// <summary>All that a database holds, as facts with a name each: "table orders" and its definition, "rows orders" and their number and hash.</summary>
public sealed record Content(IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>What differs, a line each; empty when the two are the same.</summary>
    /// <param name="isCompared">By the name of a fact; null for all.</param>
    public IReadOnlyList<string> Differences(Content other, Func<string, bool>? isCompared = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        var names = Facts.Keys.Union(other.Facts.Keys).Where(name => isCompared?.Invoke(name) != false).Order(StringComparer.Ordinal);
        return
        [
            .. names.Select(name => (name, mine: Facts.GetValueOrDefault(name), theirs: other.Facts.GetValueOrDefault(name)))
                .Where(fact => fact.mine != fact.theirs)
                .Select(fact => $"{Short(fact.name)}: {Short(fact.mine)} instead of {Short(fact.theirs)}"),
        ];
    }

    private static string Short(string? text) => text is null ? "nothing" : (text.Length > 300 ? text[..300] + "…" : text).Replace("\n", "␤", StringComparison.Ordinal);
}
