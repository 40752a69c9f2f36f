using Dashboard.Comparison.Postgres;
using Dashboard.Trials.Postgres;
using Npgsql;

namespace Dashboard.Trials.Odd;

/// <summary>A PostgreSQL of the trials' own, with the roles that odd databases speak of.</summary>
internal sealed class OddServer : IAsyncDisposable
{
    private readonly PostgresServer _server;

    private OddServer(PostgresServer server) => _server = server;

    /// <summary>Of its superuser.</summary>
    public string Superuser => new NpgsqlConnectionStringBuilder
    {
        Host = _server.Host,
        Port = _server.Port,
        Username = _server.User,
        Password = _server.Password,
        Database = "postgres",
        SslMode = SslMode.Require,
    }.ToString();

    public string Host => _server.Host;

    public int Port => _server.Port;

    public string User => _server.User;

    public string Password => _server.Password;

    public static async Task<OddServer> StartAsync(string folder)
    {
        // The server's user must be able to pass through.
        for (var parent = Directory.GetParent(folder); parent is not null && parent.FullName.Length > Path.GetTempPath().Length; parent = parent.Parent)
        {
            File.SetUnixFileMode(parent.FullName, File.GetUnixFileMode(parent.FullName) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        var server = new OddServer(await PostgresServer.StartAsync(folder));
        var space = Path.Combine(folder, "space");
        try
        {
            await OddPostgres.PrepareAsync(server.Superuser, space);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
