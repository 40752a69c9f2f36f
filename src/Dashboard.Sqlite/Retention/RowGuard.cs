using Dashboard.Core.Retention;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Retention;

/// <summary>
/// Keeps a condition that a person wrote from doing anything but choosing rows. While it reads, SQLite asks here about every step of a statement
/// (https://www.sqlite.org/c3ref/set_authorizer.html): reading tables and functions that always give the same answer are let through, and nothing else.
/// </summary>
/// <remarks>A condition stands only in statements that are prepared and run within <see cref="Read"/>; those that write never hold it.</remarks>
internal sealed class RowGuard : IDisposable
{
    /// <summary>In SQLite another way to quote, which <see cref="ConditionText"/> does not follow.</summary>
    private const string OtherQuotes = "`[";

    /// <summary>SQLITE_DBCONFIG_DQS_DML: whether "a name" that is no column is a text. A mistyped column would then be a constant that may be true of every row.</summary>
    private const int TextsInDoubleQuotes = 1013;

    /// <summary>What our own questions need beside those. Transactions are begun and ended by statements of their own, which no expression can be.</summary>
    private static readonly string[] Ours = ["count", "min", "max", "sum"];

    /// <summary>Built in, of one answer for the same arguments (SQLITE_DETERMINISTIC), and not kept for direct use (SQLITE_DIRECTONLY). Those of this library, so asked once.</summary>
    private static readonly Lazy<HashSet<string>> Harmless = new(() =>
    {
        using var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        return connection.ReadTexts(
            """
            SELECT name
            FROM pragma_function_list
            WHERE builtin = 1
                AND flags & 0x800 <> 0
                AND flags & 0x80000 = 0
            """).Concat(Ours).ToHashSet(StringComparer.OrdinalIgnoreCase);
    });

    private readonly SqliteConnection _connection;
    private bool _isReading;
    private string? _denied;

    public RowGuard(SqliteConnection connection)
    {
        _connection = connection;
        raw.sqlite3_set_authorizer(connection.Handle!, (strdelegate_authorizer)Judge, null);
    }

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
        _denied = null;
        var code = raw.sqlite3_prepare_v2(_connection.Handle!, RowSql.Probe(table, condition), out var statement);
        using (statement)
        {
            if (code != raw.SQLITE_OK)
            {
                return _denied is null
                    ? $"SQLite does not understand the condition: {raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string()}."
                    : $"The condition must only compare what is in the database: {_denied} may not be used in it.";
            }

            return raw.sqlite3_bind_parameter_count(statement) > 0 ? "The condition must not hold a parameter (?, :name, @name, $name)." : null;
        }
    }

    public void Dispose()
    {
        Set(false);
        raw.sqlite3_set_authorizer(_connection.Handle!, (strdelegate_authorizer)null!, null);
    }

    private int Judge(object user, int action, string first, string second, string database, string inner)
    {
        if (!_isReading || action is raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_TRANSACTION || (action == raw.SQLITE_FUNCTION && Harmless.Value.Contains(second)))
        {
            return raw.SQLITE_OK;
        }

        _denied = action == raw.SQLITE_FUNCTION ? $"the function {second}" : "anything but reading";
        return raw.SQLITE_DENY;
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
            raw.sqlite3_db_config(_connection.Handle!, TextsInDoubleQuotes, isReading ? 0 : 1, out _);
        }
    }

    private sealed class Scope(RowGuard guard, bool before) : IDisposable
    {
        public void Dispose() => guard.Set(before);
    }
}
