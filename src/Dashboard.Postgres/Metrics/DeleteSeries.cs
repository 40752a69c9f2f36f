using Dashboard.Core.Databases;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>All that is known of a subject, gone at once.</summary>
internal static class DeleteSeries
{
    public static async Task RunAsync(NpgsqlConnection connection, Subject subject, CancellationToken cancellationToken)
    {
        foreach (var table in new[] { "samples_hot", "samples", "samples_hourly", "samples_daily" })
        {
            await ExecuteAsync($"DELETE FROM {table} WHERE series IN (SELECT id FROM series WHERE subject_kind = @kind AND subject_id = @id)");
        }

        await ExecuteAsync("DELETE FROM series WHERE subject_kind = @kind AND subject_id = @id");

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddWithValue("kind", (int)subject.Kind);
            command.Parameters.AddWithValue("id", subject.Id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
