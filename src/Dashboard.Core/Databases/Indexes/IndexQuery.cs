using System.Globalization;
using Dashboard.Core.Backups;

namespace Dashboard.Core.Databases.Indexes;

/// <summary>An index as the page and the export show it.</summary>
public sealed record IndexLine(IndexFacts Index, IndexUse Use, Measure? Bytes)
{
    public bool IsNeedless => Use.Verdict != IndexVerdict.Useful;

    public static IReadOnlyList<IndexLine> Of(IndexList list, SizesAtBackup? backup) =>
        [.. IndexPurpose.OfAll(list).Select(one => new IndexLine(one.Index, one.Use, DescribeTables.Nearest(one.Index.Bytes, backup?.BytesOfIndex(one.Index.Name), backup)))];
}

public enum IndexSort
{
    Size,
    Name,
    Table,
    Rows,
    Used,
}

/// <summary>Which indexes are wanted and in which order, as it stands in an address. Pure.</summary>
/// <param name="Filter">Each word must stand in the name, the table, a column or the purpose.</param>
/// <param name="IsNeedless">Only those that could go.</param>
public sealed record IndexQuery(IndexSort Sort = IndexSort.Size, bool IsDescending = true, string Filter = "", bool IsNeedless = false, int Page = 1)
{
    public const int PageSize = 50;

    public static IndexQuery Read(string? sort, bool? descending, string? filter, bool? needless, int? page)
    {
        var order = Enum.TryParse<IndexSort>(sort, ignoreCase: true, out var known) && Enum.IsDefined(known) && !char.IsAsciiDigit(sort![0]) ? known : IndexSort.Size;
        return new IndexQuery(order, descending ?? BeginsDescending(order), filter ?? "", needless == true, Math.Max(1, page ?? 1));
    }

    public static bool BeginsDescending(IndexSort sort) => sort is IndexSort.Size or IndexSort.Rows or IndexSort.Used;

    public string Word => Sort.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>All pages, in order; what is not known comes last whichever way.</summary>
    public IReadOnlyList<IndexLine> Arrange(IEnumerable<IndexLine> indexes)
    {
        ArgumentNullException.ThrowIfNull(indexes);
        var words = Filter.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var wanted = indexes.Where(line => (!IsNeedless || line.IsNeedless) && Array.TrueForAll(words, word => Fits(line, word)));
        var sorted = Sort switch
        {
            IndexSort.Name => IsDescending ? wanted.OrderByDescending(line => line.Index.Name, TableQuery.Names) : wanted.OrderBy(line => line.Index.Name, TableQuery.Names),
            IndexSort.Table => IsDescending ? wanted.OrderByDescending(line => line.Index.Table, TableQuery.Names) : wanted.OrderBy(line => line.Index.Table, TableQuery.Names),
            _ => IsDescending ? wanted.OrderBy(line => Number(line) is null).ThenByDescending(Number) : wanted.OrderBy(line => Number(line) is null).ThenBy(Number),
        };
        return [.. sorted.ThenBy(line => line.Index.Table, TableQuery.Names).ThenBy(line => line.Index.Name, TableQuery.Names)];
    }

    private double? Number(IndexLine line) => Sort switch
    {
        IndexSort.Rows => line.Index.RowsPerValue,
        IndexSort.Used => line.Index.Uses,
        _ => line.Bytes?.Value,
    };

    private static bool Fits(IndexLine line, string word) =>
        line.Index.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
        || line.Index.Table.Contains(word, StringComparison.OrdinalIgnoreCase)
        || line.Use.Purpose.Contains(word, StringComparison.OrdinalIgnoreCase)
        || line.Index.Columns.Any(column => column.Title.Contains(word, StringComparison.OrdinalIgnoreCase));
}
