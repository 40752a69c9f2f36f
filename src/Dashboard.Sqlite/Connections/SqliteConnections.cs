using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Connections;

/// <summary>How this product opens SQLite files: never pooled, never waiting for ever, and watching without a trace.</summary>
internal static class SqliteConnections
{
    // 0 would wait for ever; half a minute outlasts any healthy writer.
    private const int TimeoutSeconds = 30;

    public static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(ConnectionString(file, mode));
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens without locks and without sidecars: right for a private copy, for a WAL database that nobody has open,
    /// and for the header. What others write meanwhile may be seen torn.
    /// </summary>
    public static SqliteConnection OpenUnlocked(string file) => Open(ImmutableUri(file), SqliteOpenMode.ReadOnly);

    /// <summary>
    /// Opens to look at a database that others use. An ordinary read-only connection creates <c>-wal</c> and <c>-shm</c>
    /// beside an idle WAL database and can't remove them again, so that one is opened without locks.
    /// </summary>
    public static SqliteConnection OpenToWatch(string file)
    {
        if (File.Exists(Sidecars.Wal(file)))
        {
            return Open(file, SqliteOpenMode.ReadOnly);
        }

        var unlocked = OpenUnlocked(file);
        try
        {
            if (SqliteHeader.Read(unlocked) is { IsSqlite: true, IsWal: true })
            {
                return unlocked;
            }
        }
        catch
        {
            unlocked.Dispose();
            throw;
        }

        // Read only also where a killed application left a journal: to roll it back is a change, and not ours to make by looking.
        unlocked.Dispose();
        return Open(file, SqliteOpenMode.ReadOnly);
    }

    /// <summary>
    /// Opens to copy all of it under a lock that keeps the moment. A writable connection removes the sidecars that it had to create;
    /// where there are some already, a read-only one leaves them, and the log in them, alone.
    /// </summary>
    public static SqliteConnection OpenToCopy(string file) =>
        Open(file, File.Exists(Sidecars.Wal(file)) ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite);

    private static string ConnectionString(string file, SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = TimeoutSeconds,
    }.ToString();

    private static string ImmutableUri(string file)
    {
        var path = OperatingSystem.IsWindows() ? "/" + file.Replace('\\', '/') : file;
        return $"file://{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}?immutable=1";
    }
}
