using Dashboard.Core.Metrics;

namespace Dashboard.Web.Components.Charts;

/// <summary>
/// Brings series to the same moments, which layers of a stack must have: each was thinned out for itself, and what one left out
/// lies on the straight line between its neighbours. No point of any series is lost, so no peak is. Pure.
/// </summary>
public static class AlignSeries
{
    /// <returns>In the order given, all with the same moments; a series without points stays without.</returns>
    public static IReadOnlyList<IReadOnlyList<SeriesPoint>> Run(IReadOnlyList<IReadOnlyList<SeriesPoint>> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var moments = series.SelectMany(points => points.Select(point => point.At)).Distinct().Order().ToList();
        return [.. series.Select(points => points.Count == 0 ? points : At(points, moments))];
    }

    private static List<SeriesPoint> At(IReadOnlyList<SeriesPoint> points, List<DateTimeOffset> moments)
    {
        var aligned = new List<SeriesPoint>(moments.Count);
        var next = 0;
        foreach (var at in moments)
        {
            while (next < points.Count && points[next].At < at)
            {
                next++;
            }

            aligned.Add(new SeriesPoint(at, Value(points, next, at)));
        }

        return aligned;
    }

    private static double? Value(IReadOnlyList<SeriesPoint> points, int next, DateTimeOffset at)
    {
        if (next == points.Count)
        {
            return null;
        }

        var after = points[next];
        if (after.At == at)
        {
            return after.Value;
        }

        // Before its first point, and beside a gap, nothing is known.
        return next > 0 && points[next - 1] is { Value: { } low } before && after.Value is { } high
            ? low + (high - low) * ((at - before.At) / (after.At - before.At))
            : null;
    }
}
