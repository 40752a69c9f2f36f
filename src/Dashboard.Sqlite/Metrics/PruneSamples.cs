using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Removes what is too old, series by series: their rows lie together, and the old ones are the first.</summary>
internal static class PruneSamples
{
    /// <summary>A look at a series that has nothing to remove costs a little too.</summary>
    private const int SeriesAtOnce = 5_000;

    public static void Run(SqliteConnection connection, IReadOnlyList<(SeriesKey Key, long Id)> series, SampleHorizons horizons, int rowsOfAPart, CancellationToken cancellationToken)
    {
        Prune(connection, "samples", series, _ => horizons.Raw, rowsOfAPart, cancellationToken);
        Prune(connection, "samples_hourly", series, key => Metric.IsOfTable(key.Metric) ? horizons.TableHourly : horizons.Hourly, rowsOfAPart, cancellationToken);
        Prune(connection, "samples_daily", series, _ => horizons.Daily, rowsOfAPart, cancellationToken);
    }

    private static void Prune(SqliteConnection connection, string table, IReadOnlyList<(SeriesKey Key, long Id)> series, Func<SeriesKey, long> horizon, int rowsOfAPart, CancellationToken cancellationToken)
    {
        using var remove = new Statement(connection, $"DELETE FROM {table} WHERE series = ?1 AND at < ?2");
        for (var next = 0; next < series.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SampleFile.Write(connection, () =>
            {
                long removed = 0;
                for (var until = Math.Min(series.Count, next + SeriesAtOnce); next < until && removed < rowsOfAPart; next++)
                {
                    remove.With(series[next].Id, horizon(series[next].Key)).Run();
                    removed += SQLitePCL.raw.sqlite3_changes(connection.Handle!);
                }
            });
        }
    }
}
