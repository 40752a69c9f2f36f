using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Metrics;

/// <summary>A prepared statement without the layers above it: for rows by the thousand they cost several times what SQLite does.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _connection = connection;
        Demand(raw.sqlite3_prepare_v2(connection.Handle!, sql, out _statement));
    }

    /// <summary>Begins anew with these values, from ?1 on.</summary>
    public Statement With(params ReadOnlySpan<long> values)
    {
        raw.sqlite3_reset(_statement);
        for (var number = 0; number < values.Length; number++)
        {
            Demand(raw.sqlite3_bind_int64(_statement, number + 1, values[number]));
        }

        return this;
    }

    public Statement And(int parameter, double value)
    {
        Demand(raw.sqlite3_bind_double(_statement, parameter, value));
        return this;
    }

    public Statement And(int parameter, string value)
    {
        Demand(raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    /// <summary>Goes to the next row, if there is one.</summary>
    public bool Next()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return code == raw.SQLITE_ROW;
        }

        throw Fault(code);
    }

    /// <summary>For what gives no rows.</summary>
    public void Run()
    {
        while (Next())
        {
        }

        raw.sqlite3_reset(_statement);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Long(int column) => raw.sqlite3_column_int64(_statement, column);

    public double Double(int column) => raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>A statement that was left in the middle of its rows would keep the transaction from ending.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private void Demand(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Fault(code);
        }
    }

    private SqliteException Fault(int code)
    {
        var fault = SqliteErrors.From(_connection, code);
        raw.sqlite3_reset(_statement);
        return fault;
    }
}
