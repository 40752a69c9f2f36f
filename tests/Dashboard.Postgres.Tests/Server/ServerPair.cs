using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>A server of these tests' own, whose settings they may change, and a real standby that follows it.</summary>
public sealed class ServerPair : IAsyncLifetime, ILogins
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-pair-");
    private LocationText? _primary;
    private LocationText? _standby;

    public PostgresEngine Engine { get; }

    public ServerPair() => Engine = new PostgresEngine(this, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        // Whether tests can have a server at all is said in one place.
        _ = TestServer.Url;
        if (!OperatingSystem.IsWindows())
        {
            _folder.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
        }

        _primary = LocationText.Read(await ScriptAsync("start", Folder("primary")));
        _standby = LocationText.Read(await ScriptAsync("follow", Folder("standby"), Folder("primary")));
    }

    public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult(_primary!.Password);

    public string Primary(string database, string? user = null) => (At(_primary!) with { Database = database, User = user ?? At(_primary!).User }).ToString();

    public string Standby(string database) => (At(_standby!) with { Database = database }).ToString();

    /// <summary>A database of the primary, and the same on the standby once this returns.</summary>
    public async Task<string> CreateAsync(params string[] statements)
    {
        var name = $"pair_{Guid.NewGuid():N}";
        await using (var connection = await OpenAsync(At(_primary!)))
        {
            // Alone: it can't stand beside another statement.
            await connection.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0", CancellationToken.None);
        }

        foreach (var statement in statements)
        {
            await ExecuteAsync(name, statement);
        }

        await ReplayAsync();
        return name;
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(At(_primary!) with { Database = database });
        await connection.ExecuteAsync($"RESET search_path; {sql}", CancellationToken.None);
    }

    /// <summary>Lines of pg_hba.conf above all others, until the next call.</summary>
    public async Task AllowAsync(string lines)
    {
        var file = Path.Combine(Folder("primary"), "data", "pg_hba.conf");
        await ExecuteAsync("postgres", $"COPY (SELECT 1) TO PROGRAM $$cat >/dev/null; cp -n {file} {file}.first; {{ printf '{lines}'; cat {file}.first; }} > {file}$$");
        await ExecuteAsync("postgres", "SELECT pg_reload_conf()");
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await ScriptAsync("stop", Folder("standby"));
        await ScriptAsync("stop", Folder("primary"));
        _folder.Delete(recursive: true);
    }

    private static PostgresLocation At(LocationText text) => text.Location!;

    private async Task<NpgsqlConnection> OpenAsync(PostgresLocation at) => await PostgresConnections.OpenAsync(at, _primary!.Password, null, CancellationToken.None);

    /// <summary>Ends when the standby has all that the primary has written by now.</summary>
    private async Task ReplayAsync()
    {
        await using var primary = await OpenAsync(At(_primary!));
        await using var standby = await OpenAsync(At(_standby!));
        var written = await primary.AskAsync<string>("SELECT pg_current_wal_flush_lsn()::text", CancellationToken.None);
        while (!await standby.AskAsync<bool>("SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", CancellationToken.None, written!))
        {
            await Task.Delay(50);
        }
    }

    private string Folder(string name) => Path.Combine(_folder.FullName, name);

    private static async Task<string> ScriptAsync(params string[] arguments)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "tests", "postgres.sh")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "tests", "postgres.sh"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, faults) = (process.StandardOutput.ReadLineAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await said ?? "" : throw new InvalidOperationException(await faults);
    }
}
