using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Statements;

/// <summary>One SELECT that a person typed, on a connection that can't write and lends it little memory.</summary>
internal sealed class TypedSelect : IDisposable
{
    /// <summary>Of a value or a row, in bytes: longer ones are refused by SQLite (SQLITE_TOOBIG).</summary>
    private const int LongestValue = 4 << 20;

    /// <summary>
    /// The same for a statement that sorts. A sort goes to temporary files in pieces as large as the page cache; when it reads them back it holds a row of each at once,
    /// in one step that nothing can stop.
    /// </summary>
    private const int LongestSorted = 128 << 10;

    private const int CacheKiB = 2 * 1024;

    private const int SortKiB = 8 * 1024;

    /// <summary>By which SQLite's memory may grow while it works.</summary>
    private const long MostMemory = 24L << 20;

    /// <summary>What SQLite calls an EXPLAIN QUERY PLAN (https://www.sqlite.org/c3ref/stmt_isexplain.html).</summary>
    private const int ExplainsThePlan = 2;

    /// <summary>https://www.sqlite.org/c3ref/c_limit_attached.html: length, arguments of a function, length of a LIKE pattern, which is tried at every character.</summary>
    private static readonly (int Limit, int Value)[] Limits = [(6, 100), (8, 1_000)];

    private const int LengthLimit = 0;

    private const string NotOneSelect = "It is not one SELECT that only reads.";

    private readonly SqliteConnection _connection;
    private readonly StatementAuthorizer _authorizer;
    private readonly StatementPolicy _policy;
    private readonly string _sql;
    private int _longest;

    public TypedSelect(SqliteConnection connection, string sql, StatementPolicy policy)
    {
        (_connection, _sql, _policy) = (connection, sql, policy);
        _authorizer = new StatementAuthorizer(connection) { Policy = policy };
        foreach (var (limit, value) in Limits)
        {
            _ = raw.sqlite3_limit(connection.Handle!, limit, value);
        }
    }

    /// <exception cref="StatementRefusedException">When it is not one statement that only reads.</exception>
    public sqlite3_stmt Prepare(bool isPlan = false)
    {
        _authorizer.Denied = null;
        var code = raw.sqlite3_prepare_v2(_connection.Handle!, isPlan ? $"EXPLAIN QUERY PLAN {_sql}" : _sql, out var statement, out var rest);
        try
        {
            Demand(code, statement, rest, isPlan);
            if (!isPlan)
            {
                Judge(StatementProgram.Read(_connection, _sql));
            }

            return statement;
        }
        catch
        {
            statement?.Dispose();
            throw;
        }
    }

    /// <summary>Stops a statement when its time is over or it takes too much memory.</summary>
    public Interruption Watch(TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var memory = raw.sqlite3_memory_used();
        return Interruption.After(budget, _connection, time, cancellationToken, () => raw.sqlite3_memory_used() - memory > MostMemory);
    }

    public void Dispose() => _authorizer.Dispose();

    /// <summary>What a step said that is neither a row nor the end.</summary>
    public Exception Failed(int code, Interruption interruption, TimeSpan budget) => (code & 0xFF) switch
    {
        raw.SQLITE_INTERRUPT when interruption.IsLate => new DatabaseBusyException($"It did not end within {Words.Duration(budget)}.", "Make it simpler, or allow it more time."),
        raw.SQLITE_INTERRUPT or raw.SQLITE_NOMEM => new DatabaseBusyException($"It needed more than {Words.Bytes(MostMemory)} of memory.", "Make it simpler, or ask again when fewer runs are at work."),
        raw.SQLITE_TOOBIG => new StatementRefusedException($"A value in it is longer than {Words.Bytes(_longest)}{(_longest == LongestSorted ? ", which is too long to be sorted" : "")}."),
        raw.SQLITE_AUTH => Refused(),
        raw.SQLITE_ERROR or raw.SQLITE_MISMATCH or raw.SQLITE_READONLY or raw.SQLITE_CONSTRAINT => new StatementRefusedException($"SQLite says: {Said()}."),
        _ => SqliteErrors.From(_connection, code),
    };

    /// <summary>Whether a text holds no statement: spaces, a semicolon, a comment.</summary>
    public static bool IsNothing(SqliteConnection connection, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        var code = raw.sqlite3_prepare_v2(connection.Handle!, text, out var statement, out var rest);
        using (statement)
        {
            return code == raw.SQLITE_OK && statement.IsInvalid && (rest.Length == 0 || (rest.Length < text.Length && IsNothing(connection, rest)));
        }
    }

    private void Demand(int code, sqlite3_stmt statement, string rest, bool isPlan)
    {
        if ((code & 0xFF) == raw.SQLITE_AUTH || _authorizer.Denied is not null)
        {
            throw Refused();
        }

        if (code != raw.SQLITE_OK)
        {
            throw (code & 0xFF) is raw.SQLITE_ERROR or raw.SQLITE_TOOBIG ? new StatementRefusedException($"SQLite does not take it: {Said()}.") : SqliteErrors.From(_connection, code);
        }

        if (statement.IsInvalid || raw.sqlite3_column_count(statement) == 0 || raw.sqlite3_stmt_readonly(statement) == 0 || raw.sqlite3_stmt_isexplain(statement) != (isPlan ? ExplainsThePlan : 0))
        {
            throw new StatementRefusedException(NotOneSelect);
        }

        if (!IsNothing(_connection, rest))
        {
            throw new StatementRefusedException("It goes on behind the end of its first statement.");
        }

        if (raw.sqlite3_bind_parameter_count(statement) > 0)
        {
            throw new StatementRefusedException("It has a place for a value that is not given. Write a value for each ? and each name with a colon, an @ or a $.");
        }
    }

    private void Judge(StatementProgram program)
    {
        if (program.FindFunction(_policy) is { } function)
        {
            throw new StatementRefusedException($"It may not use the function {function}.");
        }

        _longest = program.Sorts ? LongestSorted : LongestValue;
        _ = raw.sqlite3_limit(_connection.Handle!, LengthLimit, _longest);
        _authorizer.Policy = null;
        _connection.Execute($"PRAGMA cache_size = -{(program.Sorts ? SortKiB : CacheKiB)}");
        _authorizer.Policy = _policy;
    }

    private StatementRefusedException Refused() => new(_authorizer.Denied is { } denied and not StatementAuthorizer.Writing ? $"It may not use {denied}." : NotOneSelect);

    private string Said() => raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string() is { Length: > 300 } said ? said[..299] + "…" : raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string();
}

/// <summary>A typed statement that is not run; the message says why.</summary>
internal sealed class StatementRefusedException(string message) : Exception(message);
