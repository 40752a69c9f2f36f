using Npgsql;

namespace Dashboard.Comparison.Postgres;

/// <summary>A PostgreSQL database of odd character, from a seed, on a server whose superuser is at hand.</summary>
/// <param name="Name">Of the database.</param>
/// <param name="IsOwnedByLogin">Whether <see cref="Login"/> owns it, who is no superuser; otherwise the superuser does.</param>
public sealed record OddPostgres(int Seed, string Name, bool IsOwnedByLogin, IReadOnlyList<string> Kinds)
{
    /// <summary>May make databases and read all tables, and is no superuser.</summary>
    public const string Login = "odd_login";
    public const string Password = "odd password";

    private const int MostKinds = 7;

    private static readonly string[] Names = ["odd", "Odd Base", "odd-base.1", "select", "it's", "öäü"];
    private static readonly string[] Encodings = ["UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8", "UTF8' LC_COLLATE 'C' LC_CTYPE 'C", "UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8", "SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C", "LATIN1' LC_COLLATE 'C' LC_CTYPE 'C"];

    /// <summary>Roles that the databases speak of, once a server.</summary>
    public static Task PrepareAsync(string connectionString, string tablespaceFolder) => ExecuteAsync(
        connectionString,
        $"CREATE ROLE odd_reader LOGIN PASSWORD 'x'; CREATE ROLE odd_other; CREATE ROLE {Login} LOGIN CREATEDB PASSWORD '{Password}'; GRANT pg_read_all_data TO {Login}",
        $"COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; mkdir -m 700 {tablespaceFolder.Replace("'", "''", StringComparison.Ordinal)}'",
        $"CREATE TABLESPACE odd_space LOCATION '{tablespaceFolder.Replace("'", "''", StringComparison.Ordinal)}'");

    public static async Task<OddPostgres> MakeAsync(int seed, string connectionString)
    {
        var random = new Random(seed);
        var isOwnedByLogin = random.Next(2) == 0;
        var encoding = Encodings[random.Next(Encodings.Length)];

        // A name beyond ASCII is another name to a database of another encoding.
        var name = $"{Names[random.Next(encoding.StartsWith("UTF8", StringComparison.Ordinal) ? Names.Length : Names.Length - 1)]} {seed}";
        var quoted = Quoted(name);
        await ExecuteAsync(connectionString, $"CREATE DATABASE {quoted} TEMPLATE template0 {(isOwnedByLogin ? $"OWNER {Login}" : "")} ENCODING '{encoding}'");
        List<string> kinds = [encoding[..encoding.IndexOf('\'', StringComparison.Ordinal)], isOwnedByLogin ? "a login without superuser" : "a superuser as login"];
        if (random.Next(25) == 0)
        {
            return new OddPostgres(seed, name, isOwnedByLogin, [.. kinds, "zero tables"]);
        }

        // What sets the whole database read-only comes last: nothing could be made after it.
        foreach (var kind in PostgresKinds.All.OrderBy(_ => random.Next()).Take(random.Next(2, MostKinds)).OrderBy(kind => kind.Name.Contains("read_only", StringComparison.Ordinal)))
        {
            var asOwner = isOwnedByLogin && !kind.IsForSuperuser ? $"SET ROLE {Login};" : "";
            var parts = kind.Sql.Replace("$DB", quoted, StringComparison.Ordinal).Replace("$SEED", $"{seed}", StringComparison.Ordinal).Split("\n-- apart\n");
            try
            {
                await ExecuteAsync(Of(connectionString, name), [.. parts.Select((part, number) => number == 0 ? asOwner + part : part)]);
                kinds.Add(kind.Name);
            }
            catch (PostgresException) when (parts.Length > 1)
            {
                // The index that can't be unique is what was wanted.
                kinds.Add(kind.Name);
            }
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.WrongObjectType)
            {
                // Not in this encoding.
            }
            catch (PostgresException fault)
            {
                throw new InvalidOperationException($"The kind “{kind.Name}” can't be made: {fault.MessageText}", fault);
            }
        }

        return new OddPostgres(seed, name, isOwnedByLogin, kinds);
    }

    /// <summary>What somebody does who ruins it.</summary>
    public async Task RuinAsync(string connectionString)
    {
        var random = new Random(Seed + 1);
        await using var connection = await OpenAsync(Of(connectionString, Name));
        await TryAsync(connection, "SET default_transaction_read_only = off; SET session_replication_role = replica; SET client_min_messages = error");
        List<string> tables = [];
        await using (var command = new NpgsqlCommand("SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1", connection) { AllResultTypesAreUnknown = true })
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        foreach (var table in tables)
        {
            await TryAsync(connection, random.Next(5) switch
            {
                0 => $"DROP TABLE {table} CASCADE",
                1 => $"DELETE FROM {table}",
                2 => $"ALTER TABLE {table} ADD COLUMN \"added by mistake\" text DEFAULT 'x'",
                3 => $"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 3)",
                _ => "SELECT 1",
            });
        }

        await TryAsync(connection, $"{(IsOwnedByLogin ? $"SET ROLE {Login};" : "")} CREATE TABLE \"made since\"(id int, note text); INSERT INTO \"made since\" VALUES (1, 'a'), (2, 'b'); RESET ROLE");
        await TryAsync(connection, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata LIMIT 1");
        await TryAsync(connection, "SELECT setval(oid::regclass, 2) FROM pg_class WHERE relkind = 'S' LIMIT 1");
    }

    /// <summary>Removes every database that a trial or the product has made.</summary>
    public static async Task RemoveAllAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        List<string> names = [];
        await using (var command = new NpgsqlCommand("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(0));
            }
        }

        foreach (var name in names)
        {
            await RemoveAsync(connectionString, name);
        }
    }

    public static async Task RemoveAsync(string connectionString, string name)
    {
        await RemoveSubscriptionsAsync(Of(connectionString, name));
        await using var connection = await OpenAsync(connectionString);
        await TryAsync(connection, $"DROP DATABASE {Quoted(name)} WITH (FORCE)");
    }

    public static string Of(string connectionString, string database) => new NpgsqlConnectionStringBuilder(connectionString) { Database = database }.ToString();

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Each statement text in a session of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, params string[] texts)
    {
        foreach (var text in texts)
        {
            await using var connection = await OpenAsync(connectionString);
            await using var command = new NpgsqlCommand(text, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task RemoveSubscriptionsAsync(string connectionString)
    {
        try
        {
            await using var connection = await OpenAsync(connectionString);
            await TryAsync(connection, "SET default_transaction_read_only = off");
            List<string> names = [];
            await using (var command = new NpgsqlCommand("SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())", connection))
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    names.Add(Quoted(reader.GetString(0)));
                }
            }

            foreach (var name in names)
            {
                await TryAsync(connection, $"ALTER SUBSCRIPTION {name} DISABLE");
                await TryAsync(connection, $"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)");
                await TryAsync(connection, $"DROP SUBSCRIPTION {name}");
            }
        }
        catch (PostgresException)
        {
            // It accepts no connections: nothing to be removed in it.
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 120 }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private static async Task TryAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException)
        {
            // What an odd database does not allow is left out.
        }
    }
}
