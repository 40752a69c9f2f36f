using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Dashboard.Trials.Postgres;

/// <summary>A private PostgreSQL of tests/postgres.sh that may be killed, and the trials' own sessions on it.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Script = "tests/postgres.sh";

    private readonly string _folder;
    private readonly Uri _url;

    private PostgresServer(string folder, string url)
    {
        _folder = folder;
        _url = new Uri(url);
    }

    public string Host => _url.Host;

    public int Port => _url.Port;

    public string User => _url.UserInfo.Split(':')[0];

    public string Password => _url.UserInfo.Split(':')[1];

    public string RootCertificate => Path.Combine(_folder, "ca.crt");

    /// <summary>By which the product keeps a login.</summary>
    public static string ServerWord(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    public static async Task<PostgresServer> StartAsync(string folder) => new(folder, await RunAsync("start", folder));

    /// <summary>As the store keeps it: without the password.</summary>
    /// <param name="port">Of something between; null for the server's own.</param>
    public string LocationOf(string database, int? port = null) =>
        string.Create(CultureInfo.InvariantCulture, $"postgresql://{User}@{Host}:{port ?? Port}/{Uri.EscapeDataString(database)}{_url.Query}");

    /// <summary>kill -9 of the first process; all others end by themselves.</summary>
    public Task CrashAsync() => RunAsync("crash", _folder);

    public Task StartAgainAsync() => RunAsync("start", _folder);

    /// <summary>A setting that is read at a start only.</summary>
    public async Task SetAsync(string setting)
    {
        await ExecuteAsync("postgres", "ALTER SYSTEM SET " + setting);
        await RunAsync("stop", _folder);
        await StartAgainAsync();
    }

    public async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = User,
            Password = Password,
            Database = database,
            SslMode = SslMode.Require,
            ApplicationName = "trials",
            Pooling = false,
            Timeout = 10,
            CommandTimeout = 0,
        }.ToString());
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(database);
        await connection.ExecuteAsync(sql);
    }

    /// <summary>The first column of each row, as text.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string database, string sql, params object[] values)
    {
        await using var connection = await OpenAsync(database);
        return await connection.ListAsync(sql, values);
    }

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The folder of its programs.</summary>
    public static Task<string> ProgramsAsync() => RunAsync("bin");

    public async ValueTask DisposeAsync() => await RunAsync("stop", _folder);

    /// <summary>Returns its first line.</summary>
    private static async Task<string> RunAsync(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Repository(), Script), .. words]) { RedirectStandardOutput = true })!;

        // Not to the end: a server that it starts may inherit its output and keep it open.
        var line = await process.StandardOutput.ReadLineAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? line ?? "" : throw new InvalidOperationException($"{Script} {string.Join(' ', words)} ended with {process.ExitCode}.");
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository was not found above the trials.");
        }

        return folder.FullName;
    }
}

/// <summary>What the trials ask over a session of their own.</summary>
internal static class TrialSessions
{
    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<IReadOnlyList<string>> ListAsync(this NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync())
        {
            found.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture) ?? "");
        }

        return found;
    }
}
