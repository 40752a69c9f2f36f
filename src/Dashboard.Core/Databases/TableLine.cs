using Dashboard.Core.Backups;

namespace Dashboard.Core.Databases;

/// <summary>A table as the page and the export show it: of each number the one that is nearest to the truth.</summary>
/// <param name="Counted">What was counted on demand, where the number of now is only an estimate.</param>
/// <param name="Share">Of the whole database, with its indexes; between 0 and 1.</param>
public sealed record TableLine(string Name, Measure? Rows, Measure? Counted, Measure? DataBytes, Measure? IndexBytes, int IndexCount, double? Share, RowsChange? Change)
{
    /// <summary>Rows more, or fewer, than seven days ago; null where history does not reach.</summary>
    public long? WeekRows { get; init; }

    /// <summary>The same of thirty days.</summary>
    public long? MonthRows { get; init; }

    public long? TotalBytes => Measure.Sum(DataBytes, IndexBytes)?.Value;
}

/// <summary>Joins what is read now with what is known from before. Pure.</summary>
public static class DescribeTables
{
    /// <summary>
    /// So much may a table have grown or shrunk since a backup for its exact size of then to be nearer than an estimate of now,
    /// whose sample is as far off.
    /// </summary>
    private const double StillNear = 0.05;

    public static IReadOnlyList<TableLine> Of(TableList list, SizesAtBackup? backup, Func<string, TableMemory> memory)
    {
        ArgumentNullException.ThrowIfNull(list);
        return [.. list.Tables.Select(table => Of(table, list.TotalBytes, backup, memory))];
    }

    public static TableLine Of(TableFacts table, long totalBytes, SizesAtBackup? backup, Func<string, TableMemory> memory)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(memory);
        var (change, counted) = memory(table.Name);
        var rows = table.Rows;
        if (rows is { IsExact: false } && counted is not null && counted.At >= rows.At)
        {
            // Counted after this reading, and nothing newer has been read since: it is the number of now.
            (rows, counted) = (counted with { At = rows.At }, null);
        }

        var data = Nearest(table, table.DataBytes, backup, backup?.DataBytes(table.Name));
        var indexes = Nearest(table, table.IndexBytes, backup, backup?.IndexBytes(table.Name));
        return new TableLine(
            table.Name,
            rows,
            rows is { IsExact: true } ? null : counted,
            data,
            indexes,
            table.IndexCount,
            totalBytes > 0 && Measure.Sum(data, indexes) is { } sum ? Math.Min(1, (double)sum.Value / totalBytes) : null,
            change);
    }

    /// <summary>The size of an index, by the same rule.</summary>
    public static Measure? Nearest(Measure? now, long? exact, SizesAtBackup? backup) =>
        now is { IsExact: true } || exact is null || backup is null || (now is not null && !IsNear(now.Value, exact.Value))
            ? now
            : new Measure(exact.Value, IsExact: true, backup.TakenAt);

    private static Measure? Nearest(TableFacts table, Measure? now, SizesAtBackup? backup, long? exact) =>
        now is { IsExact: true } || exact is null || backup is null || !HasAsManyRows(table, backup)
            ? now
            : new Measure(exact.Value, IsExact: true, backup.TakenAt);

    private static bool HasAsManyRows(TableFacts table, SizesAtBackup backup) =>
        table.Rows is { } rows && backup.RowsOf(table.Name) is { } then && Math.Abs(rows.Value - then) <= Math.Max(rows.Value, then) * (rows.IsExact ? StillNear : 4 * StillNear);

    /// <summary>A sample may be off by a fifth; beyond that the index has changed.</summary>
    private static bool IsNear(long one, long other) => Math.Abs(one - other) <= Math.Max(one, other) * 4 * StillNear;
}
