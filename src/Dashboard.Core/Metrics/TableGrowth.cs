using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>Joins the lines of a list of tables with how they grew. Pure.</summary>
public static class TableGrowth
{
    /// <param name="growths">Of <see cref="Metric.TableRows"/>, by table; a table without history is left as it is.</param>
    public static IReadOnlyList<TableLine> Join(IReadOnlyList<TableLine> lines, IReadOnlyDictionary<string, Growth> growths)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(growths);
        return [.. lines.Select(line => growths.TryGetValue(line.Name, out var growth)
            ? line with { WeekRows = Since(line, growth, growth.WeekAgo), MonthRows = Since(line, growth, growth.MonthAgo) }
            : line)];
    }

    /// <summary>Against what is there now, where it was counted: the newest sample may be a quarter of an hour old.</summary>
    private static long? Since(TableLine line, Growth growth, Reading? before) =>
        before is null ? null : (line.Rows is { IsExact: true } rows ? rows.Value : (long)growth.Latest!.Value) - (long)before.Value;
}
