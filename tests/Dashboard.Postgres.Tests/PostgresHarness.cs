using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.EngineSpecs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Npgsql;

namespace Dashboard.Postgres.Tests;

/// <summary>Real databases on a real server, looked at by plain connections of the tests' own.</summary>
public sealed class PostgresHarness : EngineHarness, ILogins
{
    private readonly List<string> _databases = [];
    private readonly List<string> _roles = [];
    private int _undos;
    private string? _nowhere;

    public PostgresHarness() => Engine = new PostgresEngine(this, TimeProvider.System);

    public override IDatabaseEngine Engine { get; }

    public override string Nowhere => LocationOf(_nowhere ??= Own("nowhere"));

    public override CheckLevel Level => CheckLevel.Structure;

    public override bool KeepsBeside => true;

    public override bool MeasuresBackups => false;

    private static LocationText Server => LocationText.Read(TestServer.Url);

    public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult(Server.Password);

    public static string LocationOf(string database) => (Server.Location! with { Database = database }).ToString();

    public static string DatabaseOf(string location) => PostgresLocation.Parse(location).Database;

    /// <summary>A name that is this test's own, and is dropped with whatever is named after it.</summary>
    public string Own(string word)
    {
        var name = $"{word}_{Guid.NewGuid().ToString("N")[..10]}";
        _databases.Add(name);
        return name;
    }

    /// <summary>A role that is this test's own; whoever calls creates it.</summary>
    public string OwnRole(string word)
    {
        var name = $"{word}_{Guid.NewGuid().ToString("N")[..10]}";
        _roles.Add(name);
        return name;
    }

    /// <summary>The engine as another login has it.</summary>
    public static PostgresEngine EngineFor(string location, string user, string password, out string ofUser)
    {
        ofUser = (PostgresLocation.Parse(location) with { User = user }).ToString();
        return new PostgresEngine(new OneLogin(password), TimeProvider.System);
    }

    public override async Task<string> CreateAsync()
    {
        var name = Own("shop");
        await TestServer.CreateDatabaseAsync(name);
        await using var connection = await OpenAsync(name);
        await ExecuteAsync(
            connection,
            """
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
            CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers (id), content bytea NOT NULL);
            CREATE TABLE empty (id int PRIMARY KEY);
            CREATE INDEX orders_by_customer ON orders (customer);
            CREATE SEQUENCE tickets START 100;
            INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 300) i;
            INSERT INTO orders SELECT i, i % 300 + 1, sha512(i::text::bytea) || sha512((i + 1)::text::bytea) || repeat(i::text, 200)::bytea FROM generate_series(1, 1500) i;
            SELECT nextval('tickets'), nextval('tickets');
            ANALYZE;
            """);
        return LocationOf(name);
    }

    public override async Task ChangeAsync(string location)
    {
        await using var connection = await OpenAsync(DatabaseOf(location));
        await ExecuteAsync(
            connection,
            """
            BEGIN;
            DELETE FROM orders WHERE id % 2 = 0;
            UPDATE customers SET name = 'changed ' || id WHERE id < 50;
            CREATE TABLE added (id int PRIMARY KEY, note text);
            INSERT INTO added VALUES (1, 'new');
            SELECT nextval('tickets');
            COMMIT;
            """);
    }

    public override Task FillLogAsync(string location) => RunSqlAsync(
        location,
        """
        DROP TABLE IF EXISTS notes;
        DROP TABLE IF EXISTS events;
        CREATE TABLE events (id int PRIMARY KEY, level text, at_text text, at_seconds bigint, at_millis numeric, at_julian float8, at_wall timestamp, at_zoned timestamptz, at_day date);
        CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event int REFERENCES events (id) ON DELETE CASCADE);
        CREATE INDEX notes_by_event ON notes (event);
        INSERT INTO events (id, level, at_seconds)
            SELECT i, CASE i % 2 WHEN 0 THEN 'debug' ELSE 'info' END, CASE WHEN i > 10 THEN extract(epoch FROM timestamptz '2026-06-01 12:00:00+00')::bigint + (i - 601) * 86400 END FROM generate_series(1, 1000) i;
        UPDATE events SET
            at_zoned = to_timestamp(at_seconds),
            at_wall = to_timestamp(at_seconds) AT TIME ZONE 'UTC',
            at_day = (to_timestamp(at_seconds) AT TIME ZONE 'UTC')::date,
            at_text = coalesce(to_char(to_timestamp(at_seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '2026-02-30'),
            at_millis = at_seconds * 1000.0,
            at_julian = at_seconds / 86400.0 + 2440587.5;
        UPDATE events SET at_zoned = '-infinity', at_wall = '-infinity', at_day = '0001-01-01' WHERE id <= 5;
        INSERT INTO notes (event) VALUES (11), (12);
        """);

    public override Task RunSqlAsync(string location, string sql) => ExecuteAsync(DatabaseOf(location), sql);

    public override Task<string> ReadAllAsync(string location) => ReadAllOfDatabaseAsync(DatabaseOf(location));

    public override async Task<string> ReadAllOfCopyAsync(string file)
    {
        var name = Own("copy");
        await TestServer.CreateDatabaseAsync(name);
        await RestoreAsync(file, name);
        var all = await ReadAllOfDatabaseAsync(name);
        await TestServer.DropDatabaseAsync(name);
        return all;
    }

    public override ContentPlace NewUndo(string location, string name) =>
        ContentPlace.Beside(Engine.PlaceUndoBeside(location, DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(++_undos))!.Name);

    public override Task<string> ReadAllOfAsync(string location, ContentPlace place) =>
        place.Kind == ContentKind.File ? ReadAllOfCopyAsync(place.Name) : ReadAllOfDatabaseAsync(place.Name);

    /// <summary>The old database is live until the names change.</summary>
    public override Task<string> ReadAtCheckpointAsync(string location, ContentPlace undo) => ReadAllAsync(location);

    public override async Task<bool> ExistsAsync(string location, ContentPlace place)
    {
        await using var connection = await OpenAsync("postgres");
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", connection) { Parameters = { new() { Value = place.Name } } };
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    public override async Task<long> SizeOfAsync(string location, ContentPlace place)
    {
        await using var connection = await OpenAsync("postgres");
        await using var command = new NpgsqlCommand("SELECT pg_database_size($1)", connection) { Parameters = { new() { Value = place.Name } } };
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Without its version file no session can open it.</summary>
    public override async Task DestroyAsync(string location)
    {
        await using var connection = await OpenAsync("postgres");
        await using var command = new NpgsqlCommand("SELECT oid::text FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = DatabaseOf(location) } } };
        var oid = (string)(await command.ExecuteScalarAsync())!;
        await ExecuteAsync(connection, $"COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mv base/{oid}/PG_VERSION base/{oid}/pg_version_gone'");
    }

    public override async Task DamageCopyAsync(string file)
    {
        var garbage = new byte[8192];
        new Random(1).NextBytes(garbage);
        await using var stream = File.OpenWrite(file);
        stream.Position = stream.Length / 2;
        stream.Write(garbage);
    }

    /// <summary>Every database whose name begins as this one's: names, comments and whether it can be connected to.</summary>
    public override async Task<IReadOnlyList<string>> ListSurroundingsAsync(string location)
    {
        await using var connection = await OpenAsync("postgres");
        await using var command = new NpgsqlCommand("SELECT datname || ' ' || datallowconn || ' ' || oid FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1", connection) { Parameters = { new() { Value = DatabaseOf(location) } } };
        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    public override async ValueTask DisposeAsync()
    {
        await ((PostgresEngine)Engine).DisposeAsync();
        if (_databases.Count > 0)
        {
            await using var connection = await OpenAsync("postgres");
            foreach (var name in await NamesAsync(connection))
            {
                await TestServer.DropDatabaseAsync(name);
            }

            foreach (var role in _roles)
            {
                await ExecuteAsync(connection, $"DROP ROLE IF EXISTS {role}");
            }
        }

        await base.DisposeAsync();
    }

    public static async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(database)) { Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(database);
        await ExecuteAsync(connection, sql);
    }

    public static async Task<IReadOnlyList<string>> TextsAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> texts = [];
        while (await reader.ReadAsync())
        {
            texts.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture) ?? "");
        }

        return texts;
    }

    private async Task<List<string>> NamesAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT datname FROM pg_database WHERE EXISTS (SELECT FROM unnest($1) own WHERE starts_with(datname, own))", connection) { Parameters = { new() { Value = _databases.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task<string> ReadAllOfDatabaseAsync(string database)
    {
        var all = new StringBuilder();
        foreach (var line in await TextsAsync(
            database,
            """
            SELECT line FROM (
                SELECT 1 AS part, format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS line
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL SELECT 2, indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT 3, conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                UNION ALL SELECT 4, sequencename || coalesce(last_value::text, '-') FROM pg_sequences WHERE schemaname = 'public') all_of_it
            ORDER BY part, line
            """))
        {
            all.AppendLine(line);
        }

        foreach (var table in await TextsAsync(database, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"))
        {
            all.AppendLine(table);
            foreach (var row in await TextsAsync(database, $"SELECT md5(t::text) FROM public.{table} t ORDER BY 1"))
            {
                all.AppendLine(row);
            }
        }

        return all.ToString();
    }

    private static async Task RestoreAsync(string file, string database)
    {
        var at = Server.Location!;
        var tool = Directory.GetFiles("/usr/lib/postgresql", "pg_restore", SearchOption.AllDirectories).Append("pg_restore").First();
        var start = new ProcessStartInfo(tool, ["--exit-on-error", "--dbname", database, "--host", at.Host, "--port", at.Port.ToString(CultureInfo.InvariantCulture), "--username", at.User, file]) { RedirectStandardError = true };
        (start.Environment["PGPASSWORD"], start.Environment["PGSSLROOTCERT"], start.Environment["PGSSLMODE"]) = (Server.Password, at.RootCertificate, at.TlsWord);
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(said);
        }
    }

    private sealed class OneLogin(string password) : ILogins
    {
        public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult<string?>(password);
    }
}
