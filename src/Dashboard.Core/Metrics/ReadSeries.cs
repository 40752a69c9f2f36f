using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Metrics;

/// <param name="From">When the first sample was taken that is still known of.</param>
/// <param name="To">When the newest was.</param>
public sealed record SeriesSpan(DateTimeOffset From, DateTimeOffset To);

/// <summary>Series for a chart: as fine as the window allows, with no more points than asked for and every peak.</summary>
public sealed class ReadSeries(ISampleStore samples, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <summary>Rows of one series that are read for a chart: a week of minutes, a year of hours. More takes longer than a person wants to wait.</summary>
    private const int MostRows = 12_000;

    private const int Day = (int)Resolution.Daily;

    /// <summary>
    /// The series in the order of <paramref name="keys"/>; one without samples has no points. The last point is the newest sample of the window.
    /// </summary>
    /// <param name="maxPoints">For each series, breaks included; at least <see cref="Downsample.FewestPoints"/>.</param>
    public async Task<IReadOnlyList<Series>> ReadAsync(Actor actor, IReadOnlyList<SeriesKey> keys, DateTimeOffset from, DateTimeOffset to, int maxPoints, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Demand(actor, keys);

        // What a clock that ran ahead has left in the future is no newest sample.
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var (first, last) = (from.ToUnixTimeSeconds(), Math.Min(to.ToUnixTimeSeconds(), now));
        var chosen = options.CurrentValue;
        var points = new Dictionary<SeriesKey, IReadOnlyList<SeriesPoint>>();
        foreach (var group in keys.Distinct().GroupBy(key => Choose(key.Metric, first, last, now, chosen)))
        {
            foreach (var (key, buckets) in await samples.ReadAsync([.. group], group.Key, first, last, cancellationToken))
            {
                points[key] = Downsample.ToPoints(buckets, Metric.Interval(key.Metric, chosen), maxPoints);
            }
        }

        return [.. keys.Select(key => new Series(key, points.GetValueOrDefault(key, [])))];
    }

    /// <summary>From the first sample of any of these series to the newest; null when there is none yet.</summary>
    public async Task<SeriesSpan?> FindSpanAsync(Actor actor, IReadOnlyList<SeriesKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Demand(actor, keys);

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var first = await samples.ReadFirstAsync(keys, cancellationToken);
        var last = await samples.ReadLatestAsync(keys, now, cancellationToken);
        return first.Count == 0 || last.Count == 0
            ? null
            : new SeriesSpan(DateTimeOffset.FromUnixTimeSeconds(first.Values.Min()), DateTimeOffset.FromUnixTimeSeconds(last.Values.Max(sample => sample.At)));
    }

    /// <summary>Every series of a database or of the installation: which tables and which disks have a history.</summary>
    public Task<IReadOnlyList<SeriesKey>> FindAsync(Actor actor, Databases.Subject subject, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeMetrics, subject);
        return samples.FindAsync(subject, cancellationToken);
    }

    /// <summary>The finest resolution that still has all of the window and does not have too much of it.</summary>
    internal static Resolution Choose(string metric, long from, long to, long now, DashboardOptions options)
    {
        var hourlyDays = Metric.IsOfTable(metric) ? Math.Min(KeepSamples.TableHourlyDays, options.MetricsHourlyDays) : options.MetricsHourlyDays;
        return Has(options.MetricsRawDays, options.MetricsSeconds) ? Resolution.Raw
            : Has(hourlyDays, (int)Resolution.Hourly) ? Resolution.Hourly
            : Resolution.Daily;

        // A page reckons from a moment ago; what is kept ends at the beginning of that day.
        bool Has(int days, int interval) => from >= Rollup.Start(now - (long)days * Day, Resolution.Daily) && (to - from) / interval <= MostRows;
    }

    private static void Demand(Actor actor, IEnumerable<SeriesKey> keys)
    {
        foreach (var subject in keys.Select(key => key.Subject).Distinct())
        {
            Permit.Demand(actor, Verb.SeeMetrics, subject);
        }
    }
}
