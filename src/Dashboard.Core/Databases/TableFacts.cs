namespace Dashboard.Core.Databases;

/// <summary>A number of a table that may be an estimate and may be old; a page marks both.</summary>
/// <param name="At">The moment that it was true, UTC.</param>
public sealed record Measure(long Value, bool IsExact, DateTimeOffset At)
{
    /// <summary>As good as its worst part and as old as its oldest; null when one of them is not known.</summary>
    public static Measure? Sum(Measure? one, Measure? other) => one is null || other is null
        ? null
        : new Measure(one.Value + other.Value, one.IsExact && other.IsExact, one.At < other.At ? one.At : other.At);
}

/// <summary>The tables of one database at one moment.</summary>
public sealed record TableList(DateTimeOffset ReadAt, IReadOnlyList<TableFacts> Tables)
{
    /// <summary>Of the whole database with its free space: what a share of a table is a share of.</summary>
    public long TotalBytes { get; init; }

    /// <summary>What tables of the list consist of and is not in it: partitions, each by its own name.</summary>
    public IReadOnlyList<TableFacts> Partitions { get; init; } = [];

    /// <summary>Null where it can't be told.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>How the numbers come about that are not exact: "a random sample of pages".</summary>
    public string EstimatedFrom { get; init; } = "a random sample of pages";

    /// <summary>What belongs to no table of the list: the catalogue, virtual tables and what those keep for themselves.</summary>
    public Measure? OtherBytes { get; init; }

    /// <summary>When the database was last written on disk, whatever it was; null where it can't be told.</summary>
    public DateTimeOffset? WrittenAt { get; init; }
}

/// <summary>One table. A number that could not be had is null, never zero.</summary>
/// <param name="DataBytes">Of its rows on disk.</param>
/// <param name="IndexBytes">Of all its indexes.</param>
public sealed record TableFacts(string Name, Measure? Rows, Measure? DataBytes, Measure? IndexBytes)
{
    public int IndexCount { get; init; }

    /// <summary>Null when one of its parts is not known.</summary>
    public Measure? TotalBytes => Measure.Sum(DataBytes, IndexBytes);
}
