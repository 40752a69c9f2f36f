using Dashboard.Core.Backups;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>Tells after a crash whether a restore had committed. Opening the database finishes or undoes what the crash left.</summary>
internal static class TraceRestore
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    public static RestoreTrace Run(string location, string checkpoint, TimeProvider time, CancellationToken cancellationToken)
    {
        if (RestoreMark.FromJson(checkpoint) is not { } mark)
        {
            return RestoreTrace.Unknown;
        }

        if (!File.Exists(location))
        {
            return mark.SchemaVersion is null ? RestoreTrace.NotCommitted : RestoreTrace.Unknown;
        }

        try
        {
            using var connection = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            return Compare(mark, (int)connection.ReadLong("PRAGMA schema_version"), Identity.HashSchema(connection));
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return mark.SchemaVersion is null ? RestoreTrace.NotCommitted : RestoreTrace.Unknown;
        }
    }

    /// <summary>A migration that ran since the crash may have moved the version too; the schema then differs from the restored one.</summary>
    internal static RestoreTrace Compare(RestoreMark mark, int version, string schema)
    {
        if (mark.SchemaVersion is not { } before)
        {
            return schema == mark.Schema ? RestoreTrace.Committed : RestoreTrace.Unknown;
        }

        return version == before ? RestoreTrace.NotCommitted
            : version == unchecked(before + 1) && schema == mark.Schema ? RestoreTrace.Committed
            : RestoreTrace.Unknown;
    }
}
