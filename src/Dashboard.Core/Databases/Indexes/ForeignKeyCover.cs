namespace Dashboard.Core.Databases.Indexes;

/// <param name="Sentence">What is missing and what it costs.</param>
/// <param name="Definition">The statement that would make the index.</param>
public sealed record MissingIndex(ForeignKeyFacts Key, string Sentence, string Definition);

/// <summary>Foreign keys and the indexes that serve them. Pure.</summary>
public static class ForeignKeyCover
{
    /// <summary>Whether the rows that point to one row are found by this index: the key's columns come first, in any order.</summary>
    public static bool Serves(IndexFacts index, ForeignKeyFacts key)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(key);
        return index.Table == key.Table
            && index is { IsInvalid: false, Kind: null or "hash" }
            && key.Columns.Count > 0
            && index.Columns.Count >= key.Columns.Count
            && index.Columns.Take(key.Columns.Count).All(column => column.Name is { } name && key.Columns.Contains(name))
            && (index.Where is null || LeavesOutOnlyNulls(index.Where, key));
    }

    /// <summary>Foreign keys that no index serves, by table.</summary>
    public static IReadOnlyList<MissingIndex> FindMissing(IndexList all)
    {
        ArgumentNullException.ThrowIfNull(all);
        var byTable = all.Indexes.ToLookup(index => index.Table, StringComparer.Ordinal);
        return
        [
            .. all.ForeignKeys
                .Where(key => key.Columns.Count > 0 && !byTable[key.Table].Any(index => Serves(index, key)) && !IsRowKey(all, key))
                .DistinctBy(key => (key.Table, string.Join('\0', key.Columns), key.Parent))
                .Select(key => new MissingIndex(key, Sentence(key), IndexSql.Create(key))),
        ];
    }

    private static bool IsRowKey(IndexList all, ForeignKeyFacts key) =>
        key.Columns is [var column] && all.RowKeys.TryGetValue(key.Table, out var rowKey) && rowKey == column;

    private static string Sentence(ForeignKeyFacts key)
    {
        var from = key.Columns.Count == 1 ? $"{key.Table}.{key.Columns[0]} points" : $"{key.Table} ({string.Join(", ", key.Columns)}) point";
        return $"{from} to {key.Parent} and {(key.Columns.Count == 1 ? "has" : "have")} no index: deletes in {key.Parent} read all of {key.Table}.";
    }

    /// <summary>A row that points nowhere is never looked for.</summary>
    private static bool LeavesOutOnlyNulls(string where, ForeignKeyFacts key) =>
        key.Columns is [var column]
        && string.Equals(where.Trim().Replace("\"", "", StringComparison.Ordinal), $"{column} IS NOT NULL", StringComparison.OrdinalIgnoreCase);
}
