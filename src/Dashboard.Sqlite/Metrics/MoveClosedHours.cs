using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>
/// Takes closed hours out of the short table, a part at a time: some series of one hour, moved, rolled up and removed in one transaction.
/// A kill leaves whole parts only, and the next call goes on with what is still there.
/// </summary>
internal sealed class MoveClosedHours(SqliteConnection connection, int rowsOfAPart) : IDisposable
{
    private readonly HotSamples _hot = new(connection);
    private readonly ReadBuckets _samples = new(connection, Resolution.Raw);
    private readonly ReadBuckets _hours = new(connection, Resolution.Hourly);
    private readonly RollUpRows _hourly = new(connection, "samples_hourly");
    private readonly RollUpRows _daily = new(connection, "samples_daily");
    private readonly Statement _firstSeries = new(connection, "SELECT MIN(series) FROM samples_hot WHERE at = ?1");
    private readonly Statement _read = new(connection, "SELECT series, value FROM samples_hot WHERE at = ?1 AND series BETWEEN ?2 AND ?3");
    private readonly Statement _remove = new(connection, "DELETE FROM samples_hot WHERE at = ?1 AND series BETWEEN ?2 AND ?3");
    private readonly Statement _insert = new(
        connection,
        """
        INSERT INTO samples (series, at, value)
        VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET value = excluded.value
        """);

    public void Run(long before, CancellationToken cancellationToken)
    {
        for (var isMore = true; isMore;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SampleFile.Write(connection, () =>
            {
                var moved = 0;
                while (moved < rowsOfAPart && (isMore = _hot.Next(0) is { } first && first < before))
                {
                    moved += MovePart(Rollup.Start(_hot.Next(0)!.Value, Resolution.Hourly));
                }
            });
        }
    }

    public void Dispose()
    {
        foreach (var part in new IDisposable[] { _hot, _samples, _hours, _hourly, _daily, _firstSeries, _read, _remove, _insert })
        {
            part.Dispose();
        }
    }

    private int MovePart(long hour)
    {
        var moments = _hot.Moments(hour, hour + (int)Resolution.Hourly - 1);
        var from = moments.Min(FirstSeries);
        var to = from + Math.Max(1, rowsOfAPart / moments.Count) - 1;

        var rows = new List<(long Series, long At, double Value)>();
        foreach (var at in moments)
        {
            _read.With(at, from, to);
            while (_read.Next())
            {
                rows.Add((_read.Long(0), at, _read.Double(1)));
            }

            _read.Reset();
        }

        // In the order of the table that they go to: each page is touched once.
        rows.Sort((one, other) => one.Series != other.Series ? one.Series.CompareTo(other.Series) : one.At.CompareTo(other.At));
        foreach (var row in rows)
        {
            _insert.With(row.Series, row.At).And(3, row.Value).Run();
        }

        foreach (var series in rows.Select(row => row.Series).Distinct())
        {
            RollUp(series, hour);
        }

        foreach (var at in moments)
        {
            _remove.With(at, from, to).Run();
        }

        return rows.Count;
    }

    private long FirstSeries(long at)
    {
        _firstSeries.With(at).Next();
        var series = _firstSeries.Long(0);
        _firstSeries.Reset();
        return series;
    }

    /// <summary>Anew from all samples of the hour, and from all hours of the day, so that what comes late counts and nothing counts twice.</summary>
    private void RollUp(long series, long hour)
    {
        var day = Rollup.Start(hour, Resolution.Daily);
        _hourly.Store(series, Rollup.Into(Resolution.Hourly, _samples.Run(series, hour, hour + (int)Resolution.Hourly - 1)));
        _daily.Store(series, Rollup.Into(Resolution.Daily, _hours.Run(series, day, day + (int)Resolution.Daily - 1)));
    }
}
