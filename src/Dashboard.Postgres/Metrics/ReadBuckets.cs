using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>Samples or roll-ups of series, each in the order of time, and with them the samples that no roll-up holds yet.</summary>
internal static class ReadBuckets
{
    private const string Hot =
        """
        UNION ALL
        SELECT hot.series, hot.at, 0, 1, hot.value, hot.value, hot.value, hot.value, TRUE
        FROM moments
        JOIN samples_hot AS hot ON hot.at = moments.at AND hot.series = ANY (@series)
        ORDER BY 1, 2, 9
        """;

    public static async Task<Dictionary<SeriesKey, IReadOnlyList<Bucket>>> RunAsync(NpgsqlConnection connection, AskedSeries series, Resolution resolution, long from, long to, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            {HotSamples.WithMoments}
            SELECT series, at, {(resolution == Resolution.Raw ? "0, 1::bigint, value, value, value, value" : "last_after, count, min, max, sum, last")}, FALSE
            FROM {Tables.Of(resolution)}
            WHERE series = ANY (@series)
              AND at BETWEEN @from AND @to
            {Hot}
            """,
            connection);
        command.Parameters.AddWithValue("series", series.Ids);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);

        var found = new Dictionary<int, List<Bucket>>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var at = rows.GetInt64(1);
            var bucket = new Bucket(at, rows.GetBoolean(8) ? 0 : (int)resolution, at + rows.GetInt32(2), rows.GetInt64(3), rows.GetDouble(4), rows.GetDouble(5), rows.GetDouble(6), rows.GetDouble(7));
            if (!found.TryGetValue(rows.GetInt32(0), out var buckets))
            {
                found[rows.GetInt32(0)] = buckets = [];
            }

            // A clock that was set back may have measured the same second again: what is in the short table is newer.
            if (buckets.Count > 0 && buckets[^1].At == at && buckets[^1].Seconds == bucket.Seconds)
            {
                buckets[^1] = bucket;
            }
            else
            {
                buckets.Add(bucket);
            }
        }

        return found.SelectMany(row => series.KeysOf(row.Key), (row, key) => (key, row.Value)).ToDictionary(row => row.key, IReadOnlyList<Bucket> (row) => row.Value);
    }
}
