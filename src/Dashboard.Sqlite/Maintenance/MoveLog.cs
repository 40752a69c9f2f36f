using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>A checkpoint that empties the log, unless somebody keeps it for longer than is waited.</summary>
internal static class MoveLog
{
    /// <summary>Whether somebody kept it, the pages in the log and how many of them are in the file now.</summary>
    public static (bool IsBusy, long Pages, long Moved) Run(SqliteConnection connection, TimeSpan patience)
    {
        raw.sqlite3_busy_timeout(connection.Handle!, (int)patience.TotalMilliseconds);
        return connection.ReadRows("PRAGMA wal_checkpoint(TRUNCATE)", row => (row.GetInt64(0) != 0, row.GetInt64(1), row.GetInt64(2)))[0];
    }
}
