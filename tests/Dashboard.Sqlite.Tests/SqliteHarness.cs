using System.Globalization;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.EngineSpecs;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Tests;

/// <summary>Real SQLite files, looked at by plain connections of the tests' own.</summary>
public class SqliteHarness(string journal) : EngineHarness
{
    private int created;

    public SqliteHarness()
        : this("wal")
    {
    }

    public override IDatabaseEngine Engine { get; } = new SqliteEngine(TimeProvider.System);

    public override string Nowhere => Path.Combine(Folder, "live", "nowhere.db");

    /// <summary>A folder of its own for the live databases, so that what stands around them can be listed.</summary>
    public string LiveFolder => Directory.CreateDirectory(Path.Combine(Folder, "live")).FullName;

    public override Task<string> CreateAsync() => Task.FromResult(Create($"shop-{created++}.db"));

    public string Create(string name, int pageSize = 4096, int orders = 1500)
    {
        var file = Path.Combine(LiveFolder, name);
        using var connection = Open(file);
        Execute(connection, $"PRAGMA page_size = {pageSize}; PRAGMA journal_mode = {journal}; PRAGMA synchronous = OFF;");
        Execute(
            connection,
            $"""
            BEGIN;
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers (id), content BLOB NOT NULL);
            CREATE TABLE empty (id INTEGER PRIMARY KEY);
            CREATE INDEX orders_by_customer ON orders (customer);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO customers SELECT i, 'customer ' || i FROM n;
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {orders}) INSERT INTO orders SELECT i, i % 300 + 1, randomblob(900) FROM n;
            PRAGMA user_version = 7;
            COMMIT;
            """);
        return file;
    }

    public override Task ChangeAsync(string location)
    {
        using var connection = Open(location);
        Execute(
            connection,
            """
            BEGIN;
            DELETE FROM orders WHERE id % 2 = 0;
            UPDATE customers SET name = 'changed ' || id WHERE id < 50;
            CREATE TABLE added (id INTEGER PRIMARY KEY, note TEXT);
            INSERT INTO added (note) VALUES ('new');
            PRAGMA user_version = 8;
            COMMIT;
            """);
        return Task.CompletedTask;
    }

    public override Task FillLogAsync(string location) => RunSqlAsync(
        location,
        """
        BEGIN;
        DROP TABLE IF EXISTS notes;
        DROP TABLE IF EXISTS events;
        CREATE TABLE events (id INTEGER PRIMARY KEY, level TEXT, at_text TEXT, at_seconds INTEGER, at_millis INTEGER, at_julian REAL);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, event INTEGER REFERENCES events (id) ON DELETE CASCADE);
        CREATE INDEX notes_by_event ON notes (event);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO events (id, level, at_seconds) SELECT i, CASE i % 2 WHEN 0 THEN 'debug' ELSE 'info' END, unixepoch('2026-06-01 12:00:00') + (i - 601) * 86400 FROM n;
        UPDATE events SET at_seconds = NULL WHERE id <= 10;
        UPDATE events SET at_text = datetime(at_seconds, 'unixepoch'), at_millis = at_seconds * 1000, at_julian = julianday(at_seconds, 'unixepoch');
        UPDATE events SET at_text = 'garbage' WHERE id <= 5;
        INSERT INTO notes (event) VALUES (11), (12);
        COMMIT;
        """);

    public override Task RunSqlAsync(string location, string sql)
    {
        using var connection = Open(location);
        Execute(connection, sql);
        return Task.CompletedTask;
    }

    public override Task<string> ReadAllAsync(string location) => Task.FromResult(ReadAll(location));

    public override Task<string> ReadAllOfCopyAsync(string file) => Task.FromResult(ReadAll(file));

    public override Task<string> ReadContentAsync(string location) => Task.FromResult(ReadAll(location, "AND name NOT LIKE 'sqlite_stat%'"));

    public static string ReadAll(string file, string only = "")
    {
        using var connection = Open(file);
        Execute(connection, "BEGIN");
        var all = new StringBuilder(Text(connection, "PRAGMA user_version"));
        foreach (var sql in Texts(connection, $"SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL {only} ORDER BY name"))
        {
            all.AppendLine(sql);
        }

        foreach (var table in Texts(connection, $"SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' {only} ORDER BY name"))
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\" ORDER BY 1";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    all.Append(reader.GetValue(column) is byte[] blob ? Convert.ToHexString(blob) : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)).Append('|');
                }

                all.AppendLine();
            }
        }

        return all.ToString();
    }

    public override Task DestroyAsync(string location)
    {
        Overwrite(location, 0, 100);
        return Task.CompletedTask;
    }

    public override Task DamageCopyAsync(string file)
    {
        Overwrite(file, 40_960, 8192);
        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<string>> ListSurroundingsAsync(string location) =>
        Task.FromResult<IReadOnlyList<string>>([.. new DirectoryInfo(Path.GetDirectoryName(location)!).GetFileSystemInfos()
            .Select(file => file is FileInfo { Length: var length } ? $"{file.Name} {length}" : file.Name)
            .Order(StringComparer.Ordinal)]);

    /// <summary>Garbage, the same each time. Only where nobody has the file open.</summary>
    public static void Overwrite(string file, long offset, int length)
    {
        var garbage = new byte[length];
        new Random(1).NextBytes(garbage);
        using var stream = File.OpenWrite(file);
        stream.Position = offset;
        stream.Write(garbage);
    }

    /// <summary>Writes into the header that the database is in WAL mode. Only where nobody has the file open.</summary>
    public static void SetWalMark(string file)
    {
        using var stream = File.OpenWrite(file);
        stream.Position = 18;
        stream.Write([2, 2]);
    }

    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static void Execute(string file, string sql)
    {
        using var connection = Open(file);
        Execute(connection, sql);
    }

    public static string Text(string file, string sql)
    {
        using var connection = Open(file);
        return Text(connection, sql);
    }

    public static IReadOnlyList<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
        {
            texts.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture) ?? "");
        }

        return texts;
    }

    private static string Text(SqliteConnection connection, string sql) => Texts(connection, sql)[0];
}
