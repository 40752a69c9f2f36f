using Dashboard.Core.Access;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>The sum of a metric over many databases: how large all of them are together.</summary>
public sealed class ReadTotal(ISampleStore samples, TimeProvider time)
{
    private const int Hour = (int)Resolution.Hourly;
    private const int Day = (int)Resolution.Daily;

    /// <summary>As long a span is read in hours; a longer one in days.</summary>
    private const int SpanOfHours = 14 * Day;

    /// <summary>
    /// At most <paramref name="maxPoints"/> points, no finer than an hour, and the newest sample of each as the last. A database that could not be read counts
    /// with what was last known of it, and before it was first read with nothing; where nothing at all was read the line breaks.
    /// </summary>
    public async Task<IReadOnlyList<SeriesPoint>> ReadAsync(Actor actor, IReadOnlyCollection<Guid> databaseIds, DateTimeOffset from, DateTimeOffset to, int maxPoints, CancellationToken cancellationToken, string metric = Metric.Size)
    {
        ArgumentNullException.ThrowIfNull(databaseIds);
        Permit.Demand(actor, Verb.SeeMetrics, Subject.Installation);

        var keys = databaseIds.Distinct().Select(id => SeriesKey.Of(id, metric)).ToList();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var (first, last) = (from.ToUnixTimeSeconds(), Math.Min(to.ToUnixTimeSeconds(), now));
        var resolution = last - first <= SpanOfHours ? Resolution.Hourly : Resolution.Daily;
        var step = Step(last - first, (int)resolution, maxPoints);

        var before = await samples.ReadAsOfAsync(keys, first, first - 2 * Day, cancellationToken);
        var steps = await samples.ReadStepsAsync(keys, resolution, first, last, step, cancellationToken);
        var newest = last == now ? await samples.ReadLatestAsync(keys, now, cancellationToken) : new Dictionary<SeriesKey, Sample>();
        return Sum([.. keys.Select(key => Line(before, steps, newest, key))], first, step);
    }

    /// <summary>Adds lines that are each in the order of time, step by step. Pure.</summary>
    /// <param name="first">What is older is only known of, and gives no point.</param>
    internal static IReadOnlyList<SeriesPoint> Sum(IReadOnlyList<IReadOnlyList<Sample>> lines, long first, int step)
    {
        var next = new int[lines.Count];
        var points = new List<SeriesPoint>();
        long? before = null;
        foreach (var slot in lines.SelectMany(line => line).Where(sample => sample.At >= first).Select(sample => sample.At / step).Distinct().Order())
        {
            if (before is { } last && slot - last > 1)
            {
                points.Add(new SeriesPoint(DateTimeOffset.FromUnixTimeSeconds((last + 1) * step), null));
            }

            before = slot;
            points.Add(SumOf(lines, next, slot, step));
        }

        return points;
    }

    private static SeriesPoint SumOf(IReadOnlyList<IReadOnlyList<Sample>> lines, int[] next, long slot, int step)
    {
        double sum = 0;
        long at = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            while (next[i] < lines[i].Count && lines[i][next[i]].At / step <= slot)
            {
                next[i]++;
            }

            if (next[i] > 0)
            {
                sum += lines[i][next[i] - 1].Value;
                at = Math.Max(at, lines[i][next[i] - 1].At);
            }
        }

        return new SeriesPoint(DateTimeOffset.FromUnixTimeSeconds(at), sum);
    }

    private static int Step(long span, int resolution, int maxPoints)
    {
        var wanted = Math.Max(1, span / Math.Max(1, maxPoints - 2));
        return (int)((wanted + resolution - 1) / resolution * resolution);
    }

    private static List<Sample> Line(IReadOnlyDictionary<SeriesKey, Sample> before, IReadOnlyDictionary<SeriesKey, IReadOnlyList<Sample>> steps, IReadOnlyDictionary<SeriesKey, Sample> newest, SeriesKey key)
    {
        var line = new List<Sample>();
        if (before.TryGetValue(key, out var known))
        {
            line.Add(known);
        }

        line.AddRange(steps.GetValueOrDefault(key, []));
        if (newest.TryGetValue(key, out var last) && (line.Count == 0 || last.At > line[^1].At))
        {
            line.Add(last);
        }

        return line;
    }
}
