using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>Single samples out of many: those of a moment ago, those of each step, the first.</summary>
internal static class ReadSamples
{
    public static async Task<Dictionary<SeriesKey, Sample>> AsOfAsync(NpgsqlConnection connection, AskedSeries series, long at, long notBefore, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT wanted.series, newest.*
            FROM unnest(@series) AS wanted (series)
            CROSS JOIN LATERAL (
                SELECT at + last_after, last
                FROM samples_hourly
                WHERE series = wanted.series
                  AND at BETWEEN @from AND @to
                ORDER BY at DESC
                LIMIT 1
            ) AS newest
            """,
            connection);
        command.Parameters.AddWithValue("series", series.Ids);
        command.Parameters.AddWithValue("from", notBefore);
        command.Parameters.AddWithValue("to", at - (long)Resolution.Hourly);

        var found = new Dictionary<SeriesKey, Sample>();
        await foreach (var (key, sample) in SamplesAsync(command, series, cancellationToken))
        {
            found[key] = sample;
        }

        return found;
    }

    public static async Task<Dictionary<SeriesKey, IReadOnlyList<Sample>>> StepsAsync(NpgsqlConnection connection, AskedSeries series, Resolution resolution, long from, long to, int step, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT DISTINCT ON (series, at / @step) series, at + last_after, last
            FROM {Tables.Of(resolution == Resolution.Daily ? Resolution.Daily : Resolution.Hourly)}
            WHERE series = ANY (@series)
              AND at BETWEEN @from AND @to
            ORDER BY series, at / @step, at DESC
            """,
            connection);
        command.Parameters.AddWithValue("series", series.Ids);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        command.Parameters.AddWithValue("step", (long)step);

        var found = new Dictionary<SeriesKey, List<Sample>>();
        await foreach (var (key, sample) in SamplesAsync(command, series, cancellationToken))
        {
            if (!found.TryGetValue(key, out var steps))
            {
                found[key] = steps = [];
            }

            steps.Add(sample);
        }

        return found.ToDictionary(row => row.Key, IReadOnlyList<Sample> (row) => row.Value);
    }

    /// <summary>The day, then its first hour, then that hour's first sample, as far as they are kept; else the first that was not moved yet.</summary>
    public static async Task<Dictionary<SeriesKey, long>> FirstAsync(NpgsqlConnection connection, AskedSeries series, CancellationToken cancellationToken)
    {
        var found = new Dictionary<int, long>();
        await AddAsync(
            $"""
            SELECT wanted.series, COALESCE(sample.at, hour.at, day.at)
            FROM unnest(@series) AS wanted (series)
            CROSS JOIN LATERAL (
                SELECT MIN(at) AS at
                FROM samples_daily
                WHERE series = wanted.series
            ) AS day
            CROSS JOIN LATERAL (
                SELECT MIN(at) AS at
                FROM samples_hourly
                WHERE series = wanted.series
                  AND at >= day.at
                  AND at < day.at + {(int)Resolution.Daily}
            ) AS hour
            CROSS JOIN LATERAL (
                SELECT MIN(at) AS at
                FROM samples
                WHERE series = wanted.series
                  AND at >= COALESCE(hour.at, day.at)
                  AND at < COALESCE(hour.at, day.at) + {(int)Resolution.Hourly}
            ) AS sample
            WHERE day.at IS NOT NULL
            """,
            series.Ids);
        if (series.Except(found.Keys) is { Length: > 0 } missing)
        {
            await AddAsync(
                $"""
                {HotSamples.WithMoments}
                SELECT hot.series, MIN(hot.at)
                FROM moments
                JOIN samples_hot AS hot ON hot.at = moments.at AND hot.series = ANY (@series)
                GROUP BY hot.series
                """,
                missing);
        }

        return found.SelectMany(row => series.KeysOf(row.Key), (row, key) => (key, row.Value)).ToDictionary(row => row.key, row => row.Value);

        async Task AddAsync(string sql, int[] ids)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddWithValue("series", ids);
            command.Parameters.AddWithValue("from", 0L);
            command.Parameters.AddWithValue("to", long.MaxValue);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                found[rows.GetInt32(0)] = rows.GetInt64(1);
            }
        }
    }

    private static async IAsyncEnumerable<(SeriesKey Key, Sample Sample)> SamplesAsync(NpgsqlCommand command, AskedSeries series, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            foreach (var key in series.KeysOf(rows.GetInt32(0)))
            {
                yield return (key, new Sample(key, rows.GetInt64(1), rows.GetDouble(2)));
            }
        }
    }
}
