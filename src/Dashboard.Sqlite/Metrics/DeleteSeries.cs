using Dashboard.Core.Databases;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>All that is known of a subject, gone at once.</summary>
internal static class DeleteSeries
{
    public static void Run(SqliteConnection connection, Subject subject)
    {
        foreach (var table in new[] { "samples_hot", "samples", "samples_hourly", "samples_daily" })
        {
            Execute($"DELETE FROM {table} WHERE series IN (SELECT id FROM series WHERE subject_kind = ?1 AND subject_id = ?2)");
        }

        Execute("DELETE FROM series WHERE subject_kind = ?1 AND subject_id = ?2");

        void Execute(string sql)
        {
            using var statement = new Statement(connection, sql);
            statement.With((long)subject.Kind).And(2, SeriesIds.Text(subject.Id)).Run();
        }
    }
}
