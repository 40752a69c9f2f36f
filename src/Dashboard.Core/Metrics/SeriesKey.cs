using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>Which numbers: of what, which measure, and of which part of it.</summary>
/// <param name="Metric">One of <see cref="Metrics.Metric"/>.</param>
/// <param name="Part">A table, a disk; null for the whole.</param>
public readonly record struct SeriesKey(Subject Subject, string Metric, string? Part = null)
{
    public static SeriesKey Of(Guid databaseId, string metric, string? table = null) => new(Subject.Database(databaseId), metric, table);
}

/// <summary>One number of one moment.</summary>
/// <param name="At">Unix seconds. All samples of a round carry the same moment, which is what keeps reading the newest ones cheap.</param>
public readonly record struct Sample(SeriesKey Key, long At, double Value);

/// <summary>A series as a chart draws it.</summary>
public sealed record Series(SeriesKey Key, IReadOnlyList<SeriesPoint> Points);

/// <param name="Value">Null breaks the line: nothing was measured from here to the next point.</param>
public sealed record SeriesPoint(DateTimeOffset At, double? Value);

/// <summary>A number and the moment that it was true.</summary>
public sealed record Reading(DateTimeOffset At, double Value);
