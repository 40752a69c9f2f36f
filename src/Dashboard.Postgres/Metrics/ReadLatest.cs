using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>The newest sample of each series, looked for in one table after the other: nearly all are found in the newest round.</summary>
internal static class ReadLatest
{
    private static readonly string[] Steps =
    [
        """
        SELECT series, at, value
        FROM samples_hot
        WHERE at = (SELECT at FROM samples_hot WHERE at <= @to ORDER BY at DESC LIMIT 1)
          AND series = ANY (@series)
        """,
        $"""
        {HotSamples.WithMoments}
        SELECT DISTINCT ON (hot.series) hot.series, hot.at, hot.value
        FROM moments
        JOIN samples_hot AS hot ON hot.at = moments.at AND hot.series = ANY (@series)
        ORDER BY hot.series, hot.at DESC
        """,
        Newest("samples", "at, value"),
        Newest("samples_hourly", "at + last_after, last"),
        Newest("samples_daily", "at + last_after, last"),
    ];

    public static async Task<Dictionary<SeriesKey, Sample>> RunAsync(NpgsqlConnection connection, AskedSeries series, long to, CancellationToken cancellationToken)
    {
        var found = new Dictionary<SeriesKey, Sample>();
        var missing = series.Ids;
        foreach (var step in Steps.TakeWhile(_ => missing.Length > 0))
        {
            var known = new HashSet<int>();
            await using var command = new NpgsqlCommand(step, connection);
            command.Parameters.AddWithValue("series", missing);
            command.Parameters.AddWithValue("from", 0L);
            command.Parameters.AddWithValue("to", to);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                known.Add(rows.GetInt32(0));
                foreach (var key in series.KeysOf(rows.GetInt32(0)))
                {
                    found[key] = new Sample(key, rows.GetInt64(1), rows.GetDouble(2));
                }
            }

            missing = [.. missing.Where(id => !known.Contains(id))];
        }

        return found;
    }

    private static string Newest(string table, string sample) =>
        $"""
        SELECT wanted.series, newest.*
        FROM unnest(@series) AS wanted (series)
        CROSS JOIN LATERAL (
            SELECT {sample}
            FROM {table}
            WHERE series = wanted.series
              AND at <= @to
            ORDER BY at DESC
            LIMIT 1
        ) AS newest
        """;
}
