using Dashboard.Core.Databases;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Connections;

/// <summary>Waits for a lock: as long as is fair, never for ever, and no longer than the person who asked.</summary>
internal static class Patience
{
    // Many short turns find the gap between two transactions of a busy writer; a long one, in which SQLite lets no new
    // reader in, outlasts the readers that are there. Both are short enough to cancel in.
    private const int ShortTurnMilliseconds = 20;
    private const int LongTurnMilliseconds = 200;
    private const int TurnsToALongOne = 4;

    /// <summary>Calls until it answers something other than busy. Returns that answer.</summary>
    /// <exception cref="DatabaseBusyException">When it is still busy after <paramref name="limit"/>.</exception>
    public static int Wait(
        SqliteConnection connection,
        string file,
        Func<int> attempt,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var turn = 1; ; turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            raw.sqlite3_busy_timeout(connection.Handle!, turn % TurnsToALongOne == 0 ? LongTurnMilliseconds : ShortTurnMilliseconds);
            var code = attempt();
            if ((code & 0xFF) is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED))
            {
                return code;
            }

            if (time.GetElapsedTime(started) >= limit)
            {
                throw SqliteErrors.Busy(file, limit);
            }

            // Not every kind of busy waits by itself.
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Runs statements that take a lock.</summary>
    public static void Execute(
        SqliteConnection connection,
        string file,
        string sql,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var code = Wait(connection, file, () => raw.sqlite3_exec(connection.Handle!, sql), limit, time, cancellationToken);
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.From(connection, code);
        }
    }

    /// <summary>Begins to read and keeps the moment: writers go on, and this connection does not see what they write.</summary>
    public static void HoldSnapshot(
        SqliteConnection connection,
        string file,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        connection.Execute("BEGIN");
        Execute(connection, file, "SELECT 1 FROM sqlite_schema LIMIT 1", limit, time, cancellationToken);
    }
}
