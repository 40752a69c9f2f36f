using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>
/// Takes closed hours out of the short table, a part at a time: some series of one hour, moved, rolled up and removed in one transaction.
/// A kill leaves whole parts only, and the next call goes on with what is still there.
/// </summary>
internal sealed class MoveClosedHours(NpgsqlConnection connection, int rowsOfAPart, CancellationToken cancellationToken)
{
    private const int Hour = (int)Resolution.Hourly;
    private const int Day = (int)Resolution.Daily;

    public async Task RunAsync(long before)
    {
        // Again until nothing is left: what came late may lie before the hour that was moved last.
        while (await NextHourAsync(0, before) is not null)
        {
            // Forward only: rows that were just removed lie dead at the beginning of the index until a vacuum.
            for (long from = 0; await NextHourAsync(from, before) is { } hour; from = hour + Hour)
            {
                await MoveHourAsync(hour);
            }
        }
    }

    private async Task MoveHourAsync(long hour)
    {
        for (var from = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int? last = null;
            await SampleServer.WriteAsync(connection, async () => last = await MovePartAsync(hour, from), cancellationToken);
            if (last is null)
            {
                return;
            }

            from = last.Value + 1;
        }
    }

    /// <summary>The last series of the part; null when there is none from this one on.</summary>
    private async Task<int?> MovePartAsync(long hour, int notBefore)
    {
        var moments = await ReadMomentsAsync(hour);
        if (moments.Length == 0 || await FirstSeriesAsync(moments, notBefore) is not { } from)
        {
            return null;
        }

        var to = from + Math.Max(1, rowsOfAPart / moments.Length) - 1;
        var moved = await MoveRowsAsync(moments, from, to);
        var rollUps = new RollUps(connection, cancellationToken);
        await rollUps.StoreAsync(Resolution.Hourly, await rollUps.ReadAsync(Resolution.Raw, moved, hour, hour + Hour - 1));
        var day = Rollup.Start(hour, Resolution.Daily);
        await rollUps.StoreAsync(Resolution.Daily, await rollUps.ReadAsync(Resolution.Hourly, moved, day, day + Day - 1));
        return to;
    }

    private async Task<long?> NextHourAsync(long from, long before)
    {
        await using var command = new NpgsqlCommand("SELECT at FROM samples_hot WHERE at >= @from AND at < @before ORDER BY at LIMIT 1", connection);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("before", before);
        return await command.ExecuteScalarAsync(cancellationToken) is long at ? Rollup.Start(at, Resolution.Hourly) : null;
    }

    private async Task<long[]> ReadMomentsAsync(long hour)
    {
        await using var command = new NpgsqlCommand($"{HotSamples.WithMoments} SELECT at FROM moments", connection);
        command.Parameters.AddWithValue("from", hour);
        command.Parameters.AddWithValue("to", hour + Hour - 1);
        var moments = new List<long>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            moments.Add(rows.GetInt64(0));
        }

        return [.. moments];
    }

    private async Task<int?> FirstSeriesAsync(long[] moments, int notBefore)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT MIN(first.series)
            FROM unnest(@moments) AS moments (at)
            CROSS JOIN LATERAL (
                SELECT series
                FROM samples_hot
                WHERE at = moments.at
                  AND series >= @notBefore
                ORDER BY series
                LIMIT 1
            ) AS first
            """,
            connection);
        command.Parameters.AddWithValue("moments", moments);
        command.Parameters.AddWithValue("notBefore", notBefore);
        return await command.ExecuteScalarAsync(cancellationToken) as int?;
    }

    /// <summary>In the order of the table that they go to: neighbours of a series lie on a page. Returns the series that were touched.</summary>
    private async Task<int[]> MoveRowsAsync(long[] moments, int from, int to)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH moved AS (
                DELETE FROM samples_hot
                WHERE at = ANY (@moments)
                  AND series BETWEEN @from AND @to
                RETURNING series, at, value
            ),
            stored AS (
                INSERT INTO samples (series, at, value)
                SELECT series, at, value
                FROM moved
                ORDER BY series, at
                ON CONFLICT (series, at) DO UPDATE SET value = excluded.value
                RETURNING series
            )
            SELECT DISTINCT series
            FROM stored
            """,
            connection);
        command.Parameters.AddWithValue("moments", moments);
        command.Parameters.AddWithValue("from", from);
        command.Parameters.AddWithValue("to", to);
        var series = new List<int>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            series.Add(rows.GetInt32(0));
        }

        return [.. series];
    }
}
