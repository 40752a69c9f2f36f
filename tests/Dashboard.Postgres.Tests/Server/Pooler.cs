using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>A real PgBouncer in front of the test server, which <c>tests/postgres.sh bring_pooler</c> installs. Whoever connects is the server's superuser.</summary>
internal sealed class Pooler : IAsyncDisposable
{
    /// <summary>Sessions of the server that it lends out.</summary>
    public const int Sessions = 2;

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private Pooler(Process process, DirectoryInfo folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="alias">A name of its own for a database.</param>
    public static async Task<Pooler> StartAsync(string mode, (string Name, string Database)? alias = null)
    {
        var program = Find();
        var folder = Directory.CreateTempSubdirectory("pooler");
        var at = LocationText.Read(TestServer.Url);
        var port = FreePort();
        var target = $"host={at.Location!.Host} port={at.Location.Port.ToString(CultureInfo.InvariantCulture)} user={at.Location.User} password={at.Password}";
        var file = Path.Combine(folder.FullName, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            file,
            $"""
            [databases]
            {(alias is { } other ? $"{other.Name} = {target} dbname={other.Database}" : "")}
            * = {target}

            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port.ToString(CultureInfo.InvariantCulture)}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = {Sessions.ToString(CultureInfo.InvariantCulture)}
            server_tls_sslmode = require
            server_reset_query =
            """);
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            // As root it does not run; the folder is made for the user that it becomes.
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add("postgres");
        }

        start.ArgumentList.Add(file);
        var process = Process.Start(start)!;
        var up = new TaskCompletionSource();
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                up.TrySetException(new InvalidOperationException($"PgBouncer ended: {string.Join(' ', said)}"));
                return;
            }

            said.Add(line.Data);
            if (line.Data.Contains("process up", StringComparison.Ordinal))
            {
                up.TrySetResult();
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await up.Task;
        return new Pooler(process, folder, port);
    }

    /// <summary>As the product is given it.</summary>
    public string LocationOf(string database)
    {
        var at = LocationText.Read(TestServer.Url).Location!;
        return (at with { Host = "127.0.0.1", Port = Port, Database = database, Tls = SslMode.Disable, RootCertificate = null }).ToString();
    }

    /// <summary>A session of the application, which resets nothing.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Username = "application",
            Database = database,
            SslMode = SslMode.Disable,
            Pooling = false,
            NoResetOnClose = true,
        }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Find()
    {
        string[] folders = ["/usr/sbin", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)];
        if (folders.Select(folder => Path.Combine(folder, "pgbouncer")).FirstOrDefault(File.Exists) is { } found)
        {
            return found;
        }

        TestServer.GiveUp("There is no PgBouncer to test with: install Debian's package pgbouncer, or run 'tests/postgres.sh bring_pooler'.");
        return "";
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
