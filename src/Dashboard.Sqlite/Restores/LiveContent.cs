using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>What stands where a restore goes to.</summary>
/// <param name="Problem">Why it can't be read as a database; null when it can.</param>
internal sealed record LiveContent(bool Exists, string? Problem, long Bytes, long PageSize, bool IsWal)
{
    /// <summary>How its text is stored, "UTF-8"; null where it can't be read.</summary>
    public string? Encoding { get; init; }

    public static LiveContent Look(string location, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!File.Exists(location))
        {
            return new LiveContent(false, $"{location} is not there.", 0, 0, false);
        }

        try
        {
            return SqliteConnections.Watch(location, connection =>
            {
                Patience.HoldSnapshot(connection, location, patience, time, cancellationToken);
                var pageSize = connection.ReadLong("PRAGMA page_size");
                return new LiveContent(
                    true,
                    null,
                    pageSize * connection.ReadLong("PRAGMA page_count"),
                    pageSize,
                    File.Exists(Sidecars.Wal(location)) || SqliteHeader.Read(connection).IsWal)
                {
                    Encoding = connection.ReadText("PRAGMA encoding"),
                };
            });
        }
        catch (SqliteException error) when (error.SqliteExtendedErrorCode == SqliteErrors.HotJournal)
        {
            return LookAtHeader(location);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return new LiveContent(true, StaleWal.Name(SqliteErrors.Explain(error, location), location).Message, Sidecars.Length(location), 0, WasWal(location));
        }
    }

    /// <summary>A journal waits to be rolled back, which the restore does; what is in the file until then is all that looking may tell.</summary>
    private static LiveContent LookAtHeader(string location)
    {
        using var connection = SqliteConnections.OpenUnlocked(location);
        return new LiveContent(true, null, Sidecars.Length(location), SqliteHeader.Read(connection).PageSize, false);
    }

    /// <summary>What is left of a damaged header, or the log beside it.</summary>
    private static bool WasWal(string location)
    {
        using var connection = SqliteConnections.OpenUnlocked(location);
        return File.Exists(Sidecars.Wal(location)) || SqliteHeader.Read(connection).IsWal;
    }
}
