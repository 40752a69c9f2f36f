namespace Dashboard.Core.Metrics;

/// <summary>
/// Samples to hours, hours to days. Every store uses this one, so an hour means the same on each of them.
/// Hours and days are those of UTC: no hour is missing or twice in any night. Pure.
/// </summary>
public static class Rollup
{
    /// <summary>Joins buckets that come in the order of time; a span without any stays missing.</summary>
    public static IEnumerable<Bucket> Into(Resolution resolution, IEnumerable<Bucket> buckets)
    {
        ArgumentNullException.ThrowIfNull(buckets);

        var seconds = (int)resolution;
        Bucket? open = null;
        foreach (var next in buckets)
        {
            var start = Start(next.At, resolution);
            if (open is { } known && known.At == start)
            {
                open = Join(known, next);
                continue;
            }

            if (open is { } whole)
            {
                yield return whole;
            }

            open = next with { At = start, Seconds = seconds };
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    /// <summary>The first second of the hour or day that this moment lies in.</summary>
    public static long Start(long at, Resolution resolution) => resolution == Resolution.Raw ? at : at - at % (int)resolution;

    private static Bucket Join(Bucket one, Bucket next) => one with
    {
        LastAt = next.LastAt,
        Count = one.Count + next.Count,
        Min = Math.Min(one.Min, next.Min),
        Max = Math.Max(one.Max, next.Max),
        Sum = one.Sum + next.Sum,
        Last = next.Last,
    };
}
