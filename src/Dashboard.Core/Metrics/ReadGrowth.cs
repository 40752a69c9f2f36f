using Dashboard.Core.Access;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>Where a number stands and where it came from. What history does not reach is null.</summary>
/// <param name="Latest">The newest sample, however old: its time tells.</param>
/// <param name="DayAgo">About 24 hours before now, with its own time.</param>
/// <param name="WeekAgo">About 7 days.</param>
/// <param name="MonthAgo">About 30 days.</param>
/// <param name="Month">A small curve of 30 days, a point each day; nulls where nothing was measured. Ends with <paramref name="Latest"/>.</param>
public sealed record Growth(Reading? Latest, Reading? DayAgo, Reading? WeekAgo, Reading? MonthAgo, IReadOnlyList<SeriesPoint> Month)
{
    public static Growth Unknown { get; } = new(null, null, null, null, []);
}

/// <summary>Growth of many series at once: a handful of queries for a whole fleet.</summary>
public sealed class ReadGrowth(ISampleStore samples, TimeProvider time)
{
    private const int Hour = (int)Resolution.Hourly;
    private const int Day = (int)Resolution.Daily;

    /// <summary>A metric of many databases; one without samples is left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, Growth>> OfDatabasesAsync(Actor actor, IReadOnlyCollection<Guid> databaseIds, CancellationToken cancellationToken, string metric = Metric.Size)
    {
        var growths = await ReadAsync(actor, [.. databaseIds.Distinct().Select(id => SeriesKey.Of(id, metric))], cancellationToken);
        return growths.ToDictionary(growth => growth.Key.Subject.Id, growth => growth.Value);
    }

    /// <summary>A metric of every table of a database that has a history, by the table's name.</summary>
    /// <param name="metric">One of <see cref="Metric.IsOfTable"/>.</param>
    public async Task<IReadOnlyDictionary<string, Growth>> OfTablesAsync(Actor actor, Guid databaseId, string metric, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeMetrics, Subject.Database(databaseId));
        var keys = (await samples.FindAsync(Subject.Database(databaseId), cancellationToken)).Where(key => key.Metric == metric && key.Part is not null).ToList();
        var growths = await ReadAsync(actor, keys, cancellationToken);
        return growths.ToDictionary(growth => growth.Key.Part!, growth => growth.Value);
    }

    /// <summary>The same of any series; one without samples is left out.</summary>
    public async Task<IReadOnlyDictionary<SeriesKey, Growth>> ReadAsync(Actor actor, IReadOnlyCollection<SeriesKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var subject in keys.Select(key => key.Subject).Distinct())
        {
            Permit.Demand(actor, Verb.SeeMetrics, subject);
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var latest = await samples.ReadLatestAsync(keys, now, cancellationToken);
        var known = latest.Keys.ToList();

        // What is a little older than asked for is still an answer; what is much older would be called growth of a day and be that of three.
        var day = await AsOfAsync(1, slackHours: 6);
        var week = await AsOfAsync(7, slackHours: 24);
        var month = await AsOfAsync(30, slackHours: 72);
        var monthCurves = await samples.ReadStepsAsync(known, Resolution.Daily, Rollup.Start(now, Resolution.Daily) - 30 * Day, now, Day, cancellationToken);
        return known.ToDictionary(
            key => key,
            key => new Growth(
                Of(latest, key), Of(day, key), Of(week, key), Of(month, key),
                Curve(monthCurves.GetValueOrDefault(key, []), latest[key], Day, now - 30 * Day)));

        Task<IReadOnlyDictionary<SeriesKey, Sample>> AsOfAsync(int days, int slackHours) =>
            samples.ReadAsOfAsync(known, now - days * Day, now - days * Day - slackHours * Hour, cancellationToken);
    }

    private static Reading? Of(IReadOnlyDictionary<SeriesKey, Sample> samples, SeriesKey key) =>
        samples.TryGetValue(key, out var sample) ? new Reading(DateTimeOffset.FromUnixTimeSeconds(sample.At), sample.Value) : null;

    /// <summary>A step without a sample breaks the curve, once however many they are.</summary>
    private static List<SeriesPoint> Curve(IReadOnlyList<Sample> steps, Sample latest, int step, long oldest)
    {
        var points = new List<SeriesPoint>(steps.Count + 2);
        Sample? before = null;
        foreach (var sample in latest.At < oldest ? steps : steps.Where(known => known.At < latest.At).Append(latest))
        {
            if (before is { } last && sample.At / step - last.At / step > 1)
            {
                points.Add(new SeriesPoint(DateTimeOffset.FromUnixTimeSeconds((last.At / step + 1) * step), null));
            }

            points.Add(new SeriesPoint(DateTimeOffset.FromUnixTimeSeconds(sample.At), sample.Value));
            before = sample;
        }

        return points;
    }
}
