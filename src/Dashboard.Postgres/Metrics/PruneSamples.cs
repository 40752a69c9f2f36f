using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>Removes what is too old, some series at a time: their rows lie together in the index, and the old ones are the first.</summary>
internal static class PruneSamples
{
    /// <summary>A day of a thousand series by the minute is more than a million rows.</summary>
    private const int SeriesAtOnce = 500;

    public static async Task RunAsync(NpgsqlConnection connection, IReadOnlyList<(SeriesKey Key, int Id)> series, SampleHorizons horizons, CancellationToken cancellationToken)
    {
        foreach (var some in series.OrderBy(row => row.Id).Chunk(SeriesAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await SampleServer.WriteAsync(
                connection,
                async () =>
                {
                    await RemoveAsync("samples", _ => horizons.Raw);
                    await RemoveAsync("samples_hourly", key => Metric.IsOfTable(key.Metric) ? horizons.TableHourly : horizons.Hourly);
                    await RemoveAsync("samples_daily", _ => horizons.Daily);
                },
                cancellationToken);

            async Task RemoveAsync(string table, Func<SeriesKey, long> horizon)
            {
                await using var remove = new NpgsqlCommand(
                    $"""
                    DELETE FROM {table} AS kept
                    USING unnest(@series, @before) AS old (series, before)
                    WHERE kept.series = old.series
                      AND kept.at < old.before
                    """,
                    connection);
                remove.Parameters.AddWithValue("series", Array.ConvertAll(some, one => one.Id));
                remove.Parameters.AddWithValue("before", Array.ConvertAll(some, one => horizon(one.Key)));
                await remove.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }
}
