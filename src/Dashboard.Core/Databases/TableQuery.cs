using System.Globalization;

namespace Dashboard.Core.Databases;

public enum TableSort
{
    Size,
    Name,
    Rows,
    Data,
    Indexes,
    Changed,
    Growth,
}

/// <summary>Which tables are wanted and in which order, as it stands in an address: <c>?sort=rows&amp;desc=true&amp;filter=order&amp;page=2</c>. Pure.</summary>
/// <param name="Filter">Each word must stand in the name.</param>
/// <param name="Page">From 1.</param>
public sealed record TableQuery(TableSort Sort = TableSort.Size, bool IsDescending = true, string Filter = "", int Page = 1)
{
    public const int PageSize = 50;

    public static TableQuery Read(string? sort, bool? descending, string? filter, int? page)
    {
        var order = Enum.TryParse<TableSort>(sort, ignoreCase: true, out var known) && Enum.IsDefined(known) && !char.IsAsciiDigit(sort![0]) ? known : TableSort.Size;
        return new TableQuery(order, descending ?? BeginsDescending(order), filter ?? "", Math.Max(1, page ?? 1));
    }

    /// <summary>The largest and the newest first, names from A.</summary>
    public static bool BeginsDescending(TableSort sort) => sort != TableSort.Name;

    public string Word => Sort.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>All pages, in order. What is not known comes last whichever way; the name decides where nothing else does.</summary>
    public IReadOnlyList<TableLine> Arrange(IEnumerable<TableLine> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var words = Filter.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var wanted = tables.Where(table => Array.TrueForAll(words, word => table.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
        if (Sort == TableSort.Name)
        {
            return [.. IsDescending ? wanted.OrderByDescending(table => table.Name, Names) : wanted.OrderBy(table => table.Name, Names)];
        }

        var known = wanted.OrderBy(table => Key(table) is null);
        return [.. (IsDescending ? known.ThenByDescending(Key) : known.ThenBy(Key)).ThenBy(table => table.Name, Names)];
    }

    /// <summary>"item2" before "item10".</summary>
    internal static StringComparer Names { get; } = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering | CompareOptions.IgnoreCase);

    private long? Key(TableLine table) => Sort switch
    {
        TableSort.Rows => table.Rows?.Value,
        TableSort.Data => table.DataBytes?.Value,
        TableSort.Indexes => table.IndexBytes?.Value,
        TableSort.Growth => table.MonthRows ?? table.WeekRows,
        TableSort.Changed => table.Change?.SeenAt.UtcTicks,
        _ => table.TotalBytes,
    };
}
