using System.Globalization;
using System.Text;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Benchmarks;

/// <summary>A shop's database of a given size: tables, text, JSON, blobs and indexes; the same each time.</summary>
internal sealed class BenchmarkDatabase
{
    private const int OrdersPerTransaction = 10_000;
    private const int Seed = 42;

    private static readonly string[] Words =
        ("alpha bravo invoice shipment customer database backup restore vacuum index latency throughput pending cancelled delivered warehouse "
        + "berlin paris oslo kyoto connection timeout refused retry error warning debug trace session user login logout payment card token request response "
        + "header cache miss hit queue worker job schedule daily weekly monthly report export import csv json").Split(' ');

    private readonly Random _random = new(Seed);
    private readonly SqliteConnection _connection;

    private BenchmarkDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>Makes it in WAL mode, all of it in the file.</summary>
    public static void Create(string file, int mib)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWriteCreate);
        connection.Execute("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA wal_autocheckpoint = 20000");
        connection.Execute(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, city TEXT, created TEXT, balance REAL);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT NOT NULL, status TEXT, total REAL, placed_at TEXT, note TEXT);
            CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INT NOT NULL, sku TEXT, qty INT, price REAL);
            CREATE TABLE events (id INTEGER PRIMARY KEY, ts TEXT, level TEXT, source TEXT, message TEXT, payload TEXT);
            CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, body TEXT, sha BLOB);
            CREATE TABLE written (id INTEGER PRIMARY KEY, at TEXT, content TEXT);
            CREATE INDEX orders_by_customer ON orders (customer_id);
            CREATE INDEX orders_by_time ON orders (placed_at);
            CREATE INDEX items_by_order ON order_items (order_id);
            CREATE INDEX items_by_sku ON order_items (sku);
            CREATE INDEX events_by_time ON events (ts);
            CREATE INDEX events_by_level ON events (level, source);
            CREATE INDEX documents_by_title ON documents (title);
            """);

        var database = new BenchmarkDatabase(connection);
        for (long from = 1; new FileInfo(file).Length < (long)mib << 20; from += OrdersPerTransaction)
        {
            database.Fill(from);
            connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        }

        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private void Fill(long from)
    {
        using var transaction = _connection.BeginTransaction();
        using var customer = Prepare(transaction, "INSERT INTO customers (name, email, city, created, balance) VALUES ($0, $1, $2, $3, $4)", 5);
        using var order = Prepare(transaction, "INSERT INTO orders (customer_id, status, total, placed_at, note) VALUES ($0, $1, $2, $3, $4)", 5);
        using var item = Prepare(transaction, "INSERT INTO order_items (order_id, sku, qty, price) VALUES ($0, $1, $2, $3)", 4);
        using var happened = Prepare(transaction, "INSERT INTO events (ts, level, source, message, payload) VALUES ($0, $1, $2, $3, $4)", 5);
        using var document = Prepare(transaction, "INSERT INTO documents (title, body, sha) VALUES ($0, $1, $2)", 3);

        for (var id = from; id < from + OrdersPerTransaction; id++)
        {
            var at = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(id * 7).ToString("s", CultureInfo.InvariantCulture);
            if (id % 5 == 0)
            {
                Run(customer, Text(2), $"u{id}@{Word()}.example", Word(), at, _random.NextDouble() * 1000);
            }

            Run(order, _random.Next(1, (int)id + 1), Word(), Price(500), at, Text(6));
            for (var count = 0; count < 3; count++)
            {
                Run(item, id, $"SKU-{_random.Next(50_000):D6}", _random.Next(1, 9), Price(99));
            }

            Run(happened, at, Word(), Word(), Text(12), $$"""{"id":{{id}},"trace":"{{_random.NextInt64():x16}}{{_random.NextInt64():x16}}","ms":{{_random.Next(1000)}},"msg":"{{Text(8)}}"}""");
            if (id % 10 == 0)
            {
                var hash = new byte[32];
                _random.NextBytes(hash);
                Run(document, Text(4), Text(400), hash);
            }
        }

        transaction.Commit();
    }

    private SqliteCommand Prepare(SqliteTransaction transaction, string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        for (var number = 0; number < parameters; number++)
        {
            command.Parameters.Add(new SqliteParameter($"${number}", null));
        }

        return command;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (var number = 0; number < values.Length; number++)
        {
            command.Parameters[number].Value = values[number];
        }

        command.ExecuteNonQuery();
    }

    private string Word() => Words[_random.Next(Words.Length)];

    private double Price(int most) => Math.Round(_random.NextDouble() * most, 2);

    private string Text(int words)
    {
        var text = new StringBuilder(words * 8);
        for (var count = 0; count < words; count++)
        {
            text.Append(count == 0 ? "" : " ").Append(_random.Next(5) == 0 ? _random.NextInt64(1, 1L << 40).ToString("x", CultureInfo.InvariantCulture) : Word());
        }

        return text.ToString();
    }
}
