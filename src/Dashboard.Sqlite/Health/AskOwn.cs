using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Health;

/// <summary>
/// A person's own question over a connection that can't write. Beside that SQLite itself refuses whatever is no reading
/// (https://www.sqlite.org/c3ref/set_authorizer.html): attaching another file, a pragma that sets something, loading a library.
/// </summary>
internal static class AskOwn
{
    private static readonly HashSet<int> Reading = [raw.SQLITE_SELECT, raw.SQLITE_READ, raw.SQLITE_RECURSIVE];

    /// <summary>Those that only tell.</summary>
    private static readonly HashSet<string> TellingPragmas = new(StringComparer.OrdinalIgnoreCase)
    {
        "foreign_key_check", "foreign_key_list", "integrity_check", "quick_check", "table_list", "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo",
    };

    public static OwnAnswer Run(string location, string sql, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);

        return SqliteConnections.Watch(location, connection =>
        {
            raw.sqlite3_set_authorizer(connection.Handle!, Judge, null);
            using var interruption = Interruption.After(timeout, connection, time, cancellationToken);
            try
            {
                return Read(connection, sql, timeout);
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && interruption.IsOver && !cancellationToken.IsCancellationRequested)
            {
                throw new DatabaseBusyException($"The question was not answered within {Words.Duration(timeout)}.", "Make the question simpler, or allow it more time.", error);
            }
            catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_AUTH or raw.SQLITE_READONLY or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG)
            {
                throw new OwnQuestionException(
                    error.SqliteErrorCode == raw.SQLITE_AUTH ? "The question wants more than to read, and is not asked." : $"SQLite does not take the question: {Said(error)}.",
                    "Correct the question of this check.",
                    error);
            }
        });
    }

    private static OwnAnswer Read(SqliteConnection connection, string sql, TimeSpan timeout)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = (int)Math.Ceiling(timeout.TotalSeconds);
        using var reader = command.ExecuteReader();
        List<IReadOnlyList<string?>> rows = [];
        while (reader.Read())
        {
            if (rows.Count == OwnAnswer.MostRows)
            {
                return new OwnAnswer(rows, HasMore: true);
            }

            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => Text(reader, column))]);
        }

        return new OwnAnswer(rows, HasMore: false);
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.GetValue(column) switch
    {
        DBNull => null,
        byte[] bytes => Words.Bytes(bytes.Length),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static int Judge(object data, int action, string? first, string? second, string? database, string? trigger) =>
        Reading.Contains(action)
        || (action == raw.SQLITE_FUNCTION && !string.Equals(second, "load_extension", StringComparison.OrdinalIgnoreCase))
        || (action == raw.SQLITE_PRAGMA && TellingPragmas.Contains(first ?? ""))
            ? raw.SQLITE_OK
            : raw.SQLITE_DENY;

    /// <summary>The driver puts the code and quotes around what SQLite says: "SQLite Error 1: 'no such table: x'."</summary>
    private static string Said(SqliteException error)
    {
        var begin = error.Message.IndexOf('\'', StringComparison.Ordinal);
        var end = error.Message.LastIndexOf('\'');
        return end > begin ? error.Message[(begin + 1)..end] : error.Message.TrimEnd('.');
    }
}
