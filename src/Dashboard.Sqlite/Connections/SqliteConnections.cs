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

    /// <summary>A database of nobody, in memory, which is gone when it is closed.</summary>
    public static SqliteConnection OpenEmpty() => Open(":memory:", SqliteOpenMode.Memory);

    /// <summary>
    /// Looks at a database that others use, without a trace. An ordinary read-only connection creates <c>-wal</c> and <c>-shm</c>
    /// beside an idle WAL database and can't remove them again, so that one is read without locks; when somebody turns up
    /// meanwhile, what was seen may be torn, and is looked at again with locks. <paramref name="look"/> may be called twice.
    /// </summary>
    public static T Watch<T>(string file, Func<SqliteConnection, T> look)
    {
        if (!File.Exists(Sidecars.Wal(file)))
        {
            using var unlocked = OpenUnlocked(file);
            var idleSince = File.GetLastWriteTimeUtc(file);
            if (SqliteHeader.Read(unlocked) is { IsSqlite: true, IsWal: true })
            {
                try
                {
                    var seen = look(unlocked);
                    if (IsIdle())
                    {
                        return seen;
                    }
                }
                catch (SqliteException) when (!IsIdle())
                {
                    // Looked at again below.
                }
            }

            bool IsIdle() => !File.Exists(Sidecars.Wal(file)) && File.GetLastWriteTimeUtc(file) == idleSince;
        }

        // Read only also where a killed application left a journal: to roll it back is a change, and not ours to make by looking.
        using var connection = Open(file, SqliteOpenMode.ReadOnly);
        return look(connection);
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
