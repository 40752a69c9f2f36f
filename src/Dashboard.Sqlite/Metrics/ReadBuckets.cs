using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Samples and roll-ups of series, each in the order of time.</summary>
internal sealed class ReadBuckets : IDisposable
{
    private readonly Statement _rows;
    private readonly Resolution _resolution;

    public ReadBuckets(SqliteConnection connection, Resolution resolution)
    {
        _resolution = resolution;
        _rows = new Statement(connection, resolution switch
        {
            Resolution.Raw => "SELECT at, value FROM samples WHERE series = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at",
            Resolution.Hourly => "SELECT at, last_after, count, min, max, sum, last FROM samples_hourly WHERE series = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at",
            _ => "SELECT at, last_after, count, min, max, sum, last FROM samples_daily WHERE series = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at",
        });
    }

    /// <summary>What has been moved from the short table; both ends included.</summary>
    public List<Bucket> Run(long series, long from, long to)
    {
        var buckets = new List<Bucket>();
        _rows.With(series, from, to);
        while (_rows.Next())
        {
            var at = _rows.Long(0);
            buckets.Add(_resolution == Resolution.Raw
                ? Bucket.Of(at, _rows.Double(1))
                : new Bucket(at, (int)_resolution, at + _rows.Long(1), _rows.Long(2), _rows.Double(3), _rows.Double(4), _rows.Double(5), _rows.Double(6)));
        }

        _rows.Reset();
        return buckets;
    }

    /// <summary>The same, and then the samples that no roll-up holds yet.</summary>
    public static List<Bucket> WithHot(ReadBuckets moved, HotSamples hot, IReadOnlyList<long> moments, long series, long from, long to)
    {
        var buckets = moved.Run(series, from, to);
        var count = buckets.Count;
        foreach (var at in moments)
        {
            if (hot.Value(at, series) is { } value)
            {
                buckets.Add(Bucket.Of(at, value));
            }
        }

        // A clock that was set back has samples among those that were moved, and may have measured the same second again.
        return count == 0 || count == buckets.Count || buckets[count - 1].LastAt < buckets[count].At
            ? buckets
            : [.. buckets.Select((bucket, number) => (bucket, IsHot: number >= count)).GroupBy(row => (row.bucket.At, row.bucket.Seconds)).Select(same => same.Last().bucket).OrderBy(bucket => bucket.At)];
    }

    public void Dispose() => _rows.Dispose();
}
