using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite;

/// <summary>
/// A WAL that somebody left beside a file that it does not belong to: SQLite replays it, and a file that is sound reads as damaged
/// (https://www.sqlite.org/howtocorrupt.html, 1.4). It is the likely cause where the file is sound without it.
/// </summary>
internal static class StaleWal
{
    /// <summary>A file that could not be read through in this time is not called sound.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    /// <summary>The cause in a sentence; null where it is none, or can't be told.</summary>
    public static string? Find(string file)
    {
        var wal = Sidecars.Wal(file);
        return Sidecars.Length(wal) > 0 && IsSoundAlone(file)
            ? $"Likely cause: {wal} belongs to another copy of the database. Without it the file is sound."
            : null;
    }

    /// <summary>First a copy of all: an application that ends in its normal way writes that WAL into the file.</summary>
    public static string WayOut(string file)
    {
        var name = Path.GetFileName(file);
        return $"Copy {name} with its -wal and -shm to a safe place. Stop the application, move -wal and -shm away, and try again.";
    }

    /// <summary>The same fault with its likely cause, where there is one.</summary>
    public static DatabaseException Name(DatabaseException fault, string file) =>
        fault is DatabaseDamagedException && Find(file) is { } cause
            ? new DatabaseDamagedException(EngineLines.Reword(fault.Message, sentence => $"{sentence} {cause}"), WayOut(file), fault)
            : fault;

    private static bool IsSoundAlone(string file)
    {
        try
        {
            using var alone = SqliteConnections.OpenUnlocked(file);
            using var interruption = Interruption.After(Budget, alone, TimeProvider.System, CancellationToken.None);
            return alone.ReadText("PRAGMA integrity_check(1)") == "ok";
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_INTERRUPT or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR or raw.SQLITE_CANTOPEN or raw.SQLITE_IOERR)
        {
            return false;
        }
    }
}
