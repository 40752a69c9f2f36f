using Npgsql;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>
/// The PostgreSQL that <c>tests/postgres.sh</c> starts. Without one a test is skipped with the reason; where tests are demanded it fails,
/// so that no green run has left them out.
/// </summary>
internal static class TestServer
{
    private const string Variable = "DASHBOARD_TEST_POSTGRES";

    private static readonly string[] Demands = ["CI", "DASHBOARD_TEST_DEMAND"];

    /// <summary><c>postgresql://user:password@host:port/postgres?sslmode=verify-full&amp;sslrootcert=…</c></summary>
    public static string Url
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } url)
            {
                return url;
            }

            const string reason = $"There is no PostgreSQL to test on: start one with 'tests/postgres.sh start <folder>' and put the URL that it prints into {Variable}.";
            GiveUp(reason);
            return "";
        }
    }

    /// <summary>A test whose surroundings are missing is skipped, and fails where tests are demanded.</summary>
    public static void GiveUp(string reason)
    {
        if (Demands.Any(demand => Environment.GetEnvironmentVariable(demand) is { Length: > 0 }))
        {
            Xunit.Assert.Fail(reason);
        }

        Xunit.Assert.Skip(reason);
    }

    public static string ConnectionString(string database)
    {
        var url = new Uri(Url);
        var login = url.UserInfo.Split(':', 2);
        var words = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = Uri.UnescapeDataString(login[0]),
            Password = Uri.UnescapeDataString(login[^1]),
            Database = database,
        };
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
        {
            var value = Uri.UnescapeDataString(pair[1]);
            switch (pair[0])
            {
                case "sslmode":
                    words.SslMode = Enum.Parse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
                    break;
                case "sslrootcert":
                    words.RootCertificate = value;
                    break;
                default:
                    throw new FormatException($"{Variable} holds “{pair[0]}”, which no test knows.");
            }
        }

        return words.ToString();
    }

    /// <summary>An empty database; a name of its own where none is given.</summary>
    public static async Task<string> CreateDatabaseAsync(string? name = null)
    {
        name ??= $"test_{Guid.NewGuid():N}";

        // template0: nobody is connected to it, so that tests may create at the same time.
        await ExecuteAsync($"CREATE DATABASE {Quoted(name)} TEMPLATE template0");
        return name;
    }

    /// <summary>Whoever is still connected to it is cut off.</summary>
    public static async Task DropDatabaseAsync(string name) => await ExecuteAsync($"DROP DATABASE IF EXISTS {Quoted(name)} WITH (FORCE)");

    /// <summary>One statement, in the server's own database.</summary>
    public static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
