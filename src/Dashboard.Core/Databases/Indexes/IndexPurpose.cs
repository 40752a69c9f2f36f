namespace Dashboard.Core.Databases.Indexes;

/// <param name="Purpose">What it is for: "joins assessments to contracts".</param>
/// <param name="Reason">Why it could go, in a sentence; null for a useful one.</param>
/// <param name="Twin">The index that does its work; null when the table itself does.</param>
public sealed record IndexUse(string Purpose, IndexVerdict Verdict, string? Reason = null, string? Twin = null);

public enum IndexVerdict
{
    Useful,

    /// <summary>Another index, or the table itself, can do all of its work.</summary>
    Covered,

    /// <summary>Another index is the same.</summary>
    Duplicate,
}

/// <summary>What an index is for, in words, judged by its definition alone. Pure, and the same for every engine.</summary>
public static class IndexPurpose
{
    /// <summary>Every index with its use, in the order of the list.</summary>
    public static IReadOnlyList<(IndexFacts Index, IndexUse Use)> OfAll(IndexList all)
    {
        ArgumentNullException.ThrowIfNull(all);

        // An index is compared with those of its table only: thousands of tables stay quick.
        var byTable = all.Indexes.ToLookup(index => index.Table, StringComparer.Ordinal);
        var keys = all.ForeignKeys.ToLookup(key => key.Table, StringComparer.Ordinal);
        return
        [
            .. all.Indexes.Select(index => (index, Of(index, all with { Indexes = [.. byTable[index.Table]], ForeignKeys = [.. keys[index.Table]] }))),
        ];
    }

    public static IndexUse Of(IndexFacts index, IndexList all)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(all);

        var keepers = all.Indexes.Where(other => IndexCover.Replaces(other, index)).ToList();

        // Named is one that stays: of three that are nested, both others go because of the longest.
        var keeper = keepers.Find(other => !all.Indexes.Any(third => IndexCover.Replaces(third, other))) ?? keepers.FirstOrDefault();
        if (keeper is not null)
        {
            return IndexCover.IsSame(index, keeper)
                ? new IndexUse($"the same as {keeper.Name}", IndexVerdict.Duplicate, $"{keeper.Name} has the same columns in the same order; every write keeps both.", keeper.Name)
                : new IndexUse($"begins {keeper.Name}, which can do its work", IndexVerdict.Covered, $"{keeper.Name} begins with the same columns; every write keeps both.", keeper.Name);
        }

        return IsRowKey(index, all)
            ? new IndexUse($"looks up {index.Table} by {index.Columns[0].Title}", IndexVerdict.Covered, $"{index.Table} itself is ordered by {index.Columns[0].Title}, so this is looked up without an index.")
            : new IndexUse(Part(index) + Sentence(index, all), IndexVerdict.Useful);
    }

    private static bool IsRowKey(IndexFacts index, IndexList all) =>
        index is { Origin: IndexOrigin.ByHand, IsPartial: false, Columns: [{ Name: { } column, Collation: null }] }
        && all.RowKeys.TryGetValue(index.Table, out var key) && key == column;

    /// <summary>"open contracts only: status = 'open'; " before what it does with them.</summary>
    private static string Part(IndexFacts index) => index.Where is not { } where ? ""
        : PartialWord.Of(where) is { } word ? $"{word} {index.Table} only: {where}; "
        : $"a part of {index.Table} only: {where}; ";

    private static string Sentence(IndexFacts index, IndexList all)
    {
        var columns = index.Columns.Select(column => column.Title).ToList();
        if (index.Origin == IndexOrigin.PrimaryKey)
        {
            return index.IsTableItself ? $"primary key of {index.Table}, which is stored in this order" : $"primary key of {index.Table}";
        }

        var joins = Joins(index, all);
        if (index.IsUnique)
        {
            return $"keeps {Words.List(columns, columns.Count)} unique in {index.Table}" + (joins is null ? "" : $", and {joins}");
        }

        if (joins is not null)
        {
            return joins;
        }

        return DateColumn.Is(index.Columns[0])
            ? $"date filter on {index.Table}" + Then(columns, 1)
            : $"looks up {index.Table} by {columns[0]}" + Then(columns, 1);
    }

    /// <summary>"joins assessments to contracts", where the columns of a foreign key come first.</summary>
    private static string? Joins(IndexFacts index, IndexList all)
    {
        var keys = all.ForeignKeys.Where(key => key.Table == index.Table).ToList();
        if (keys.Where(key => ForeignKeyCover.Serves(index, key)).MaxBy(key => key.Columns.Count) is not { } joined)
        {
            return null;
        }

        var isOneOfMany = joined.Parent == joined.Table || keys.Count(key => key.Parent == joined.Parent) > 1;
        var to = joined.Parent == joined.Table ? "itself" : joined.Parent;
        return $"joins {joined.Table} to {to}"
            + (isOneOfMany ? $" by {Words.List(joined.Columns, joined.Columns.Count)}" : "")
            + (index.IsUnique ? "" : Then([.. index.Columns.Select(column => column.Title)], joined.Columns.Count));
    }

    private static string Then(List<string> columns, int from) =>
        columns.Count <= from ? "" : $", then by {Words.List([.. columns.Skip(from)], columns.Count)}";
}
