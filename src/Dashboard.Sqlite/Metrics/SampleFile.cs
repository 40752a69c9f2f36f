using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Connections to the dashboard's store for samples.</summary>
internal sealed class SampleFile(string file)
{
    private const int BusyMilliseconds = 30_000;

    // Not the words that EF Core uses: connections of the same words share a pool, and what is set below is not meant for runs and backups.
    private readonly string _words = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, ForeignKeys = false }.ToString();

    public T Read<T>(Func<SqliteConnection, T> question)
    {
        using var connection = Open();

        // One moment of the store: a row that is moved meanwhile is seen once.
        connection.Execute("BEGIN");
        try
        {
            return question(connection);
        }
        finally
        {
            connection.Execute("ROLLBACK");
        }
    }

    /// <summary>All of it or nothing.</summary>
    public static void Write(SqliteConnection connection, Action change)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            change();
            connection.Execute("COMMIT");
        }
        catch
        {
            // A full disk has rolled back already.
            if (raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                connection.Execute("ROLLBACK");
            }

            throw;
        }
    }

    /// <summary>Lets go of the file: connections that are kept for later would hold it.</summary>
    public void Close()
    {
        using var any = new SqliteConnection(_words);
        SqliteConnection.ClearPool(any);
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_words);
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);

            // A kill loses nothing; a power cut may lose the last minute, which is worth less than a sync of the disk each minute.
            connection.Execute("PRAGMA synchronous = NORMAL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
