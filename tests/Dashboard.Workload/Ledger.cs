using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Dashboard.Workload;

/// <summary>
/// Accounts that always sum up to the same, a ledger with a row for each transaction, a counter of those rows, and filler
/// that names the state it belongs to: whatever is lost, torn or mixed breaks one of them.
/// </summary>
internal static class Ledger
{
    public const int Accounts = 100;
    private const int Opening = 1000;

    public static SqliteConnection Open(string db, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = db, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        return connection;
    }

    public static int Create(string db, string journal, int rows, int pageSize)
    {
        using var connection = Open(db, SqliteOpenMode.ReadWriteCreate);
        Execute(connection, $"PRAGMA page_size = {pageSize}");
        Execute(connection, $"PRAGMA journal_mode = {journal}");
        Execute(
            connection,
            $"""
            BEGIN;
            CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
            CREATE TABLE ledger (number INTEGER PRIMARY KEY, source INTEGER NOT NULL, target INTEGER NOT NULL, amount INTEGER NOT NULL);
            CREATE TABLE counter (rows INTEGER NOT NULL);
            CREATE TABLE marker (state TEXT NOT NULL);
            CREATE TABLE filler (id INTEGER PRIMARY KEY, state TEXT NOT NULL, content BLOB NOT NULL);
            CREATE INDEX filler_by_state ON filler (state, id);
            INSERT INTO counter VALUES (0);
            INSERT INTO marker VALUES ('A');
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Accounts}) INSERT INTO accounts SELECT i, {Opening} FROM n;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO filler SELECT i, 'A', randomblob(1000) FROM n;
            COMMIT;
            """);
        return 0;
    }

    public static int Check(string db)
    {
        using var connection = Open(db);
        Execute(connection, "BEGIN");
        var integrity = Text(connection, "PRAGMA integrity_check");
        var broken = BrokenInvariant(connection);
        Console.WriteLine(integrity == "ok" && broken is null ? "ok" : $"bad {integrity} {broken}");
        return integrity == "ok" && broken is null ? 0 : 1;
    }

    /// <summary>Null when it holds. The caller's transaction makes it one moment.</summary>
    public static string? BrokenInvariant(SqliteConnection connection)
    {
        var sum = Number(connection, "SELECT SUM(balance) FROM accounts");
        if (sum != Accounts * Opening)
        {
            return $"balances sum up to {sum}";
        }

        var rows = Number(connection, "SELECT COUNT(*) FROM ledger");
        var counted = Number(connection, "SELECT rows FROM counter");
        if (rows != counted)
        {
            return $"{rows} ledger rows, {counted} counted";
        }

        var mixed = Number(connection, "SELECT COUNT(*) FROM filler WHERE state <> (SELECT state FROM marker)");
        return mixed == 0 ? null : $"{mixed} filler rows of another state";
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }

    public static string Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}
