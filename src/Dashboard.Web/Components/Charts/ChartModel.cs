using Dashboard.Core.Metrics;

namespace Dashboard.Web.Components.Charts;

public enum ChartUnit
{
    Bytes,
    Count,
}

/// <summary>One line, or one layer of a stack.</summary>
/// <param name="Points">In the order of time; a null value breaks the line.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<SeriesPoint> Points)
{
    public SeriesPoint? Last => Points.LastOrDefault(point => point.Value is not null);
}

/// <summary>Something that happened, drawn on the axis of time.</summary>
/// <param name="Tone">"quiet" is drawn without its label.</param>
public sealed record ChartMark(DateTimeOffset At, string Label, string Tone, string? Href = null);

/// <summary>All that a chart shows. A new object is a new picture; what is only newer comes by <see cref="TimeChart.Live"/>.</summary>
/// <param name="IsStacked">Layers that add up; all series then have the same moments, see <see cref="AlignSeries"/>.</param>
public sealed record ChartModel(IReadOnlyList<ChartSeries> Series, ChartUnit Unit, bool IsStacked, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ChartMark> Marks)
{
    public bool IsEmpty => Series.All(series => series.Last is null);
}

/// <summary>The newest values, one a series, between two rounds of samples.</summary>
public sealed record ChartTail(DateTimeOffset At, IReadOnlyList<double?> Values)
{
    /// <summary>The same tail as long as a newer one would move nothing on the screen.</summary>
    /// <param name="step">What one point of the chart stands for.</param>
    public static ChartTail After(ChartTail? before, DateTimeOffset at, IReadOnlyList<double?> values, TimeSpan step) =>
        before is not null && before.Values.SequenceEqual(values) && at - before.At <= step ? before : new ChartTail(at, values);
}
