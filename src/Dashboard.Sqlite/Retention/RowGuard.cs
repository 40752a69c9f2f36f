using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Statements;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Retention;

/// <summary>
/// Keeps a condition that a person wrote from doing anything but choosing rows (<see cref="StatementPolicy.RowCondition"/>): while it reads, reading tables and functions
/// that always give the same answer are let through, and nothing else.
/// </summary>
/// <remarks>A condition stands only in statements that are prepared and run within <see cref="Read"/>; those that write never hold it.</remarks>
internal sealed class RowGuard : IDisposable
{
    /// <summary>In SQLite another way to quote, which <see cref="ConditionText"/> does not follow.</summary>
    private const string OtherQuotes = "`[";

    /// <summary>SQLITE_DBCONFIG_DQS_DML: whether "a name" that is no column is a text. A mistyped column would then be a constant that may be true of every row.</summary>
    private const int TextsInDoubleQuotes = 1013;

    private readonly SqliteConnection _connection;
    private readonly StatementAuthorizer _authorizer;
    private bool _isReading;

    public RowGuard(SqliteConnection connection) => (_connection, _authorizer) = (connection, new StatementAuthorizer(connection));

    /// <summary>Until it is disposed nothing but reading is possible. Each change of what is has SQLite prepare all statements of the connection anew.</summary>
    public IDisposable Read() => Switch(true);

    /// <summary>Until it is disposed everything is possible: for statements that hold no condition.</summary>
    public IDisposable Write() => Switch(false);

    /// <summary>See <see cref="IKeepsRows.FindConditionFaultAsync"/>.</summary>
    public string? FindFault(string table, string condition)
    {
        if (ConditionText.FindFault(condition, OtherQuotes) is { } fault)
        {
            return fault;
        }

        using var reading = Read();
        _authorizer.Denied = null;
        var code = raw.sqlite3_prepare_v2(_connection.Handle!, RowSql.Probe(table, condition), out var statement);
        using (statement)
        {
            if (code != raw.SQLITE_OK)
            {
                return _authorizer.Denied is not { } denied
                    ? $"SQLite does not understand the condition: {raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string()}."
                    : $"The condition must only compare what is in the database: {denied} may not be used in it.";
            }

            if (raw.sqlite3_bind_parameter_count(statement) > 0)
            {
                return "The condition must not hold a parameter (?, :name, @name, $name).";
            }

            return StatementProgram.Read(_connection, RowSql.Probe(table, condition)).FindFunction(StatementPolicy.RowCondition) is { } function
                ? $"The condition must only compare what is in the database: the function {function} may not be used in it."
                : null;
        }
    }

    /// <summary>A rule may have been saved when more was let through.</summary>
    /// <exception cref="DatabaseException">With the reason, when the condition may not be used.</exception>
    public void Demand(RowSelection selection)
    {
        if (selection.Condition is { } condition && FindFault(selection.Time.Table, condition) is { } fault)
        {
            throw new DatabaseException(fault, "Correct the condition of the rule.");
        }
    }

    public void Dispose()
    {
        Set(false);
        _authorizer.Dispose();
    }

    private Scope Switch(bool isReading)
    {
        var before = _isReading;
        Set(isReading);
        return new Scope(this, before);
    }

    private void Set(bool isReading)
    {
        if (_isReading != isReading)
        {
            _isReading = isReading;
            _authorizer.Policy = isReading ? StatementPolicy.RowCondition : null;
            raw.sqlite3_db_config(_connection.Handle!, TextsInDoubleQuotes, isReading ? 0 : 1, out _);
        }
    }

    private sealed class Scope(RowGuard guard, bool before) : IDisposable
    {
        public void Dispose() => guard.Set(before);
    }
}
