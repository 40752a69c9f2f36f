using Dashboard.Core.Store;
using Dashboard.Postgres.Store;
using Dashboard.Postgres.Tests.Server;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Dashboard.Postgres.Tests.Store;

/// <summary>A database with the store in it. Migrating takes longer than most tests: it is done once, and every test has its own copy.</summary>
public sealed class MigratedDatabase : IDbContextFactory<DashboardStore>, IAsyncDisposable, IDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MigrateAsync);

    private readonly string _name;
    private readonly DbContextOptions<DashboardStore> _options;

    private MigratedDatabase(string name)
    {
        _name = name;
        Server = Open(name);
        _options = Options(Server);
    }

    internal StoreServer Server { get; }

    public string ConnectionString => TestServer.ConnectionString(_name);

    public static async Task<MigratedDatabase> CreateAsync()
    {
        var name = $"store_{Guid.NewGuid():N}";
        await TestServer.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {await Template.Value}");
        return new MigratedDatabase(name);
    }

    /// <summary>As a process opens it that starts on it.</summary>
    internal static StoreServer Open(string name) => new(StoreServer.Read(TestServer.ConnectionString(name)));

    internal static DbContextOptions<DashboardStore> Options(StoreServer server)
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        PostgresStore.Use(options, server);
        return options.Options;
    }

    public DashboardStore CreateDbContext() => new(_options);

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Server.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T?> AskAsync<T>(string sql)
    {
        await using var command = Server.Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T answer ? answer : default;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await TestServer.DropDatabaseAsync(_name);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static async Task<string> MigrateAsync()
    {
        var name = await TestServer.CreateDatabaseAsync($"template_{Guid.NewGuid():N}");
        await using (var server = Open(name))
        {
            await using var store = new DashboardStore(Options(server));
            await store.Database.MigrateAsync();
        }

        // Nobody may be connected to what is copied.
        await TestServer.ExecuteAsync($"ALTER DATABASE {TestServer.Quoted(name)} ALLOW_CONNECTIONS false");
        NpgsqlConnection.ClearAllPools();
        return name;
    }
}
