using Dashboard.Core.Metrics;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>
/// Writes a batch to the short table, whose key begins with the time: a batch goes to the end of its index, whatever the store holds.
/// </summary>
internal static class AppendSamples
{
    public static async Task RunAsync(NpgsqlConnection connection, IReadOnlyList<Sample> samples, int[] ids, CancellationToken cancellationToken)
    {
        // The last of the same moment wins; one statement may not meet a row twice.
        var last = new Dictionary<(long At, int Series), double>(ids.Length);
        for (var number = 0; number < ids.Length; number++)
        {
            last[(samples[number].At, ids[number])] = samples[number].Value;
        }

        var rows = last.Keys.ToArray();
        Array.Sort(rows);
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO samples_hot (at, series, value)
            SELECT *
            FROM unnest(@at, @series, @value)
            ON CONFLICT (at, series) DO UPDATE SET value = excluded.value
            """,
            connection);
        insert.Parameters.AddWithValue("at", Array.ConvertAll(rows, row => row.At));
        insert.Parameters.AddWithValue("series", Array.ConvertAll(rows, row => row.Series));
        insert.Parameters.AddWithValue("value", Array.ConvertAll(rows, row => last[row]));
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }
}
