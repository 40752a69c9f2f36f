using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>
/// Rolls up anew from all samples of the hour, and from all hours of the day, so that what comes late counts and nothing counts twice.
/// What an hour amounts to is said by Core, for every store alike.
/// </summary>
internal sealed class RollUps(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    /// <summary>What the finer table holds of these series, each in the order of time.</summary>
    public async Task<Dictionary<int, List<Bucket>>> ReadAsync(Resolution resolution, int[] series, long from, long to)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT series, at, {(resolution == Resolution.Raw ? "0, 1::bigint, value, value, value, value" : "last_after, count, min, max, sum, last")}
            FROM {Tables.Of(resolution)}
            WHERE series = ANY (@series)
              AND at BETWEEN @from AND @to
            ORDER BY series, at
            """,
            connection);
        command.Parameters.AddWithValue("series", series);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);

        var found = new Dictionary<int, List<Bucket>>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (!found.TryGetValue(rows.GetInt32(0), out var buckets))
            {
                found[rows.GetInt32(0)] = buckets = [];
            }

            var at = rows.GetInt64(1);
            buckets.Add(new Bucket(at, (int)resolution, at + rows.GetInt32(2), rows.GetInt64(3), rows.GetDouble(4), rows.GetDouble(5), rows.GetDouble(6), rows.GetDouble(7)));
        }

        return found;
    }

    /// <summary>One of more samples is never replaced by one of fewer: those of the other are gone already.</summary>
    public async Task StoreAsync(Resolution resolution, Dictionary<int, List<Bucket>> finer)
    {
        var rollUps = finer.SelectMany(row => Rollup.Into(resolution, row.Value), (row, bucket) => (Series: row.Key, Bucket: bucket)).ToArray();
        if (rollUps.Length == 0)
        {
            return;
        }

        var table = Tables.Of(resolution);
        await using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {table} (series, at, last_after, count, min, max, sum, last)
            SELECT *
            FROM unnest(@series, @at, @last_after, @count, @min, @max, @sum, @last)
            ON CONFLICT (series, at) DO UPDATE SET
                last_after = excluded.last_after,
                count = excluded.count,
                min = excluded.min,
                max = excluded.max,
                sum = excluded.sum,
                last = excluded.last
            WHERE excluded.count >= {table}.count
            """,
            connection);
        command.Parameters.AddWithValue("series", Array.ConvertAll(rollUps, row => row.Series));
        command.Parameters.AddWithValue("at", Array.ConvertAll(rollUps, row => row.Bucket.At));
        command.Parameters.AddWithValue("last_after", Array.ConvertAll(rollUps, row => (int)(row.Bucket.LastAt - row.Bucket.At)));
        command.Parameters.AddWithValue("count", Array.ConvertAll(rollUps, row => row.Bucket.Count));
        command.Parameters.AddWithValue("min", Array.ConvertAll(rollUps, row => row.Bucket.Min));
        command.Parameters.AddWithValue("max", Array.ConvertAll(rollUps, row => row.Bucket.Max));
        command.Parameters.AddWithValue("sum", Array.ConvertAll(rollUps, row => row.Bucket.Sum));
        command.Parameters.AddWithValue("last", Array.ConvertAll(rollUps, row => row.Bucket.Last));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
