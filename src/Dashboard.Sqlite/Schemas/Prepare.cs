using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>Has SQLite compile a statement and does not run it: what it lacks for it is found without a lock, also where the statement would write.</summary>
internal static class Prepare
{
    /// <summary>Null when it can be run.</summary>
    /// <exception cref="SqliteException">When the database itself can't be read.</exception>
    public static SqliteException? FindFault(SqliteConnection connection, string sql)
    {
        var code = raw.sqlite3_prepare_v2(connection.Handle!, sql, out var statement);
        statement?.Dispose();
        if (code == raw.SQLITE_OK)
        {
            return null;
        }

        var fault = SqliteErrors.From(connection, code);
        return fault.SqliteErrorCode == raw.SQLITE_ERROR ? fault : throw fault;
    }
}
