namespace Dashboard.Core.Metrics;

/// <summary>
/// As many points as a chart can show, with every peak: of each slice of time the lowest and the highest. (Largest triangles, which
/// others use, may leave a peak of one minute out.) The first and the last point stay, and so do both ends of a gap. Pure.
/// </summary>
public static class Downsample
{
    /// <summary>Below this there is no room for both ends and one slice.</summary>
    public const int FewestPoints = 10;

    /// <summary>As many samples may be missing before the line breaks.</summary>
    private const int MayBeMissing = 3;

    private readonly record struct Point(long At, double Value);

    /// <param name="Before">Index of the last point before it.</param>
    /// <param name="At">When the first sample was missing.</param>
    /// <param name="Seconds">From the last point before it to the first one after it.</param>
    private readonly record struct Gap(int Before, long At, long Seconds);

    /// <param name="buckets">In the order of time.</param>
    /// <param name="interval">Seconds between two samples; buckets that are roll-ups have their own.</param>
    /// <returns>At most <paramref name="maxPoints"/>, nulls included. A gap too short to be seen among so few points is drawn through.</returns>
    public static IReadOnlyList<SeriesPoint> ToPoints(IReadOnlyList<Bucket> buckets, int interval, int maxPoints)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPoints, FewestPoints);

        var (points, gaps) = Spread(buckets, interval);
        if (points.Count + gaps.Count <= maxPoints)
        {
            return Draw(points, gaps, Enumerable.Range(0, points.Count));
        }

        var width = SliceWidth(points[^1].At - points[0].At + 1, gaps, maxPoints);
        var seen = gaps.Where(gap => gap.Seconds > width).ToList();
        return Draw(points, seen, Keep(points, seen, width));
    }

    /// <summary>Roll-ups as points: their lowest and highest, the one that is nearer to their last sample second; then the very last sample.</summary>
    private static (List<Point> Points, List<Gap> Gaps) Spread(IReadOnlyList<Bucket> buckets, int interval)
    {
        var points = new List<Point>(buckets.Count + 2);
        var gaps = new List<Gap>();
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[i];
            var isRising = Math.Abs(bucket.Last - bucket.Max) <= Math.Abs(bucket.Last - bucket.Min);
            points.Add(new Point(bucket.At, isRising ? bucket.Min : bucket.Max));
            if (bucket.Min < bucket.Max)
            {
                points.Add(new Point(bucket.At + (bucket.LastAt - bucket.At + 1) / 2, isRising ? bucket.Max : bucket.Min));
            }

            if (i == buckets.Count - 1)
            {
                if (bucket.LastAt > points[^1].At)
                {
                    points.Add(new Point(bucket.LastAt, bucket.Last));
                }

                break;
            }

            long span = Math.Max(bucket.Seconds, interval);
            if (buckets[i + 1].At - (bucket.At + span) > MayBeMissing * span)
            {
                gaps.Add(new Gap(points.Count - 1, bucket.At + span, buckets[i + 1].At - points[^1].At));
            }
        }

        return (points, gaps);
    }

    /// <summary>
    /// S slices give two points each; each gap three more (itself and both its ends), and the first and last point two.
    /// A gap counts only when it is wider than a slice, so fewer than S do: a fifth of the points always suffices.
    /// </summary>
    private static long SliceWidth(long span, List<Gap> gaps, int maxPoints)
    {
        var room = maxPoints - 2;
        var width = Width(room / 2);
        var seen = gaps.Count(gap => gap.Seconds > width);
        return seen == 0 ? width : Width(Math.Max((room - 3 * seen) / 2, room / 5));

        long Width(int slices) => (span + slices - 1) / slices;
    }

    private static IEnumerable<int> Keep(List<Point> points, List<Gap> gaps, long width)
    {
        var from = 0;
        foreach (var to in gaps.Select(gap => gap.Before).Append(points.Count - 1))
        {
            foreach (var index in KeepOfPiece(points, from, to, width))
            {
                yield return index;
            }

            from = to + 1;
        }
    }

    private static IEnumerable<int> KeepOfPiece(List<Point> points, int from, int to, long width)
    {
        var next = from;
        while (next <= to)
        {
            var (first, slice) = (next, Slice(next));
            var (low, high) = (next, next);
            for (; next <= to && Slice(next) == slice; next++)
            {
                low = points[next].Value < points[low].Value ? next : low;
                high = points[next].Value > points[high].Value ? next : high;
            }

            var last = next - 1;
            if (first == from && from < Math.Min(low, high))
            {
                yield return from;
            }

            yield return Math.Min(low, high);
            if (low != high)
            {
                yield return Math.Max(low, high);
            }

            if (last == to && to > Math.Max(low, high))
            {
                yield return to;
            }
        }

        long Slice(int index) => (points[index].At - points[0].At) / width;
    }

    private static List<SeriesPoint> Draw(List<Point> points, List<Gap> gaps, IEnumerable<int> kept)
    {
        var drawn = new List<SeriesPoint>();
        var gap = 0;
        foreach (var index in kept)
        {
            drawn.Add(new SeriesPoint(Moment(points[index].At), points[index].Value));
            if (gap < gaps.Count && gaps[gap].Before == index)
            {
                drawn.Add(new SeriesPoint(Moment(gaps[gap].At), null));
                gap++;
            }
        }

        return drawn;
    }

    private static DateTimeOffset Moment(long at) => DateTimeOffset.FromUnixTimeSeconds(at);
}
