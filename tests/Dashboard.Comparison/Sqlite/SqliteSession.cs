using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Comparison.Sqlite;

/// <summary>The application's own connection: it has the collations and functions that nobody else has.</summary>
public sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;

    public SqliteSession(string file, SqliteOpenMode mode = SqliteOpenMode.ReadWriteCreate, bool isApplication = true)
    {
        Batteries_V2.Init();
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        _connection.Open();
        if (isApplication)
        {
            foreach (var name in new[] { "LOCALIZED", "UNICODE_DE", "icu root" })
            {
                _connection.CreateCollation(name, (a, b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase) is var order and not 0 ? order : string.CompareOrdinal(a, b));
            }

            _connection.CreateFunction("app_key", (string? text) => text is null ? null : text.ToUpperInvariant() + text.Length, isDeterministic: true);
            _connection.CreateFunction("app_valid", (object? value) => 1L, isDeterministic: true);
            _connection.CreateFunction("app_now", () => 1_790_000_000L, isDeterministic: false);
        }
    }

    public sqlite3 Handle => _connection.Handle!;

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 60;
        command.ExecuteNonQuery();
    }

    /// <summary>Whether it could be done; what an odd database does not allow is left out.</summary>
    public bool TryExecute(string sql)
    {
        try
        {
            Execute(sql);
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    public long Number(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public string? Text(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public IReadOnlyList<string[]> Rows(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string[]> rows = [];
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "" : reader.GetString(column))]);
        }

        return rows;
    }

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Text(string value, bool asLiteral) => asLiteral ? $"'{value.Replace("'", "''", StringComparison.Ordinal)}'" : value;

    public void Dispose() => _connection.Dispose();
}
