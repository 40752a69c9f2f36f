using System.Globalization;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Statements;
using SQLitePCL;

namespace Dashboard.Sqlite.Health;

/// <summary>A person's own question over a connection that can't write; SQLite itself is asked what it would do (<see cref="StatementAuthorizer"/>).</summary>
internal static class AskOwn
{
    /// <summary>For another process to end its transaction.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public static OwnAnswer Run(string location, string sql, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);

        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, timeout < LockPatience ? timeout : LockPatience, time, cancellationToken);
            using var select = new TypedSelect(connection, sql, StatementPolicy.Question);
            try
            {
                using var statement = select.Prepare();
                return Read(select, statement, timeout, time, cancellationToken);
            }
            catch (StatementRefusedException refused)
            {
                throw new OwnQuestionException($"The question was not run. {refused.Message}", "Correct the question of this check: one SELECT that only reads.", refused);
            }
        });
    }

    private static OwnAnswer Read(TypedSelect select, sqlite3_stmt statement, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var interruption = select.Watch(timeout, time, cancellationToken);
        List<IReadOnlyList<string?>> rows = [];
        int code;
        while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            if (rows.Count == OwnAnswer.MostRows)
            {
                return new OwnAnswer(rows, HasMore: true);
            }

            rows.Add([.. Enumerable.Range(0, raw.sqlite3_column_count(statement)).Select(column => Text(statement, column))]);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return code == raw.SQLITE_DONE ? new OwnAnswer(rows, HasMore: false) : throw select.Failed(code, interruption, timeout);
    }

    private static string? Text(sqlite3_stmt statement, int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_BLOB => Words.Bytes(raw.sqlite3_column_bytes(statement, column)),
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column).ToString(CultureInfo.InvariantCulture),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column).ToString(CultureInfo.InvariantCulture),
        _ => Beginning(statement, column),
    };

    /// <summary>Of a text no more is taken over than is shown.</summary>
    private static string Beginning(sqlite3_stmt statement, int column)
    {
        const int MostBytesOfACharacter = 4;

        // Asked for as text first, so that its bytes are UTF-8 whatever the encoding of the database.
        _ = raw.sqlite3_column_text(statement, column);
        var bytes = raw.sqlite3_column_blob(statement, column);
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, OwnAnswer.MostCharacters * MostBytesOfACharacter)]);
        return text.Length <= OwnAnswer.MostCharacters ? text : text[..OwnAnswer.MostCharacters] + "…";
    }
}
