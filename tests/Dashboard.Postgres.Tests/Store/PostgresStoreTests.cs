using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Dashboard.Postgres.Store;
using Dashboard.Postgres.Tests.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Store;

public sealed class PostgresStoreTests : IAsyncLifetime
{
    private string _name = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _name = await TestServer.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (_name.Length > 0)
        {
            await TestServer.DropDatabaseAsync(_name);
        }
    }

    [Fact]
    public async Task A_new_store_is_made_and_a_second_start_changes_nothing()
    {
        await using (var first = new Process(_name))
        {
            await first.Home.PrepareAsync(Cancel);
            await using var store = first.CreateDbContext();
            store.Databases.Add(Shop());
            await store.SaveChangesAsync(Cancel);
        }

        await using var second = new Process(_name);
        await second.Home.PrepareAsync(Cancel);

        await using var found = second.CreateDbContext();
        Assert.Single(await found.Databases.ToListAsync(Cancel));
        Assert.Null(second.Home.File);
        Assert.Equal($"PostgreSQL database {_name} on localhost:{new Uri(TestServer.Url).Port}", second.Home.Place);
    }

    [Fact]
    public async Task Two_that_start_at_once_migrate_one_after_the_other()
    {
        var starts = Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var process = new Process(_name);
            await process.Home.PrepareAsync(Cancel);
            await using var store = process.CreateDbContext();
            return (await store.Database.GetAppliedMigrationsAsync(Cancel)).Count();
        });

        var applied = await Task.WhenAll(starts);

        Assert.Single(applied.Distinct());
        Assert.NotEqual(0, applied[0]);
    }

    [Fact]
    public async Task While_one_runs_another_is_refused_and_a_process_that_is_gone_leaves_it_free()
    {
        await using var server = MigratedDatabase.Open(_name);
        var held = await StoreLock.TakeAsync(server, TimeSpan.FromSeconds(1), Cancel);

        var refused = await Assert.ThrowsAsync<StoreException>(() => StoreLock.TakeAsync(server, TimeSpan.FromMilliseconds(200), Cancel));
        Assert.Contains("Another dashboard is running on the store", refused.Message, StringComparison.Ordinal);

        // As a kill ends it: the server sees the connection go.
        await TestServer.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}' AND application_name = 'dashboard (alone)'");
        await using var next = await StoreLock.TakeAsync(server, TimeSpan.FromSeconds(5), Cancel);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task A_lock_that_was_lost_with_its_connection_is_taken_again()
    {
        await using var process = new Process(_name);
        await process.Home.PrepareAsync(Cancel);
        await using var asking = new NpgsqlConnection(TestServer.ConnectionString(_name));
        await asking.OpenAsync(Cancel);
        await using var holder = new NpgsqlCommand("SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database WHERE locktype = 'advisory' AND datname = current_database()", asking);
        var before = await holder.ExecuteScalarAsync(Cancel);
        await TestServer.ExecuteAsync($"SELECT pg_terminate_backend({before})");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await holder.ExecuteScalarAsync(patience.Token) is not int now || now.Equals(before))
        {
            process.Time.Advance(TimeSpan.FromSeconds(15));
        }

        await using var server = MigratedDatabase.Open(_name);
        await Assert.ThrowsAsync<StoreException>(() => StoreLock.TakeAsync(server, TimeSpan.FromMilliseconds(200), Cancel));
    }

    [Fact]
    public async Task A_store_that_a_newer_version_wrote_is_refused_and_left_alone()
    {
        await using (var process = new Process(_name))
        {
            await process.Home.PrepareAsync(Cancel);
            await using var store = process.CreateDbContext();
            await store.Database.ExecuteSqlRawAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20991231235959_Future', '99.0.0')""", Cancel);
        }

        await using var older = new Process(_name);
        var refused = await Assert.ThrowsAsync<StoreIsNewerException>(() => older.Home.PrepareAsync(Cancel));

        Assert.Contains("20991231235959_Future", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_not_made_and_a_login_that_is_refused_is_told_without_its_password()
    {
        await using var missing = new Process("no_such_database");
        var fault = await Assert.ThrowsAsync<StoreException>(() => missing.Home.PrepareAsync(Cancel));
        Assert.Contains("there is no PostgreSQL database no_such_database", fault.Message, StringComparison.Ordinal);

        var words = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name)) { Password = "hidden-word" };
        await using var stranger = new Process(StoreServer.Read(words.ToString()));
        fault = await Assert.ThrowsAsync<StoreException>(() => stranger.Home.PrepareAsync(Cancel));
        Assert.Contains("refuses the login", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_create_is_told_so()
    {
        var role = $"reader_{Guid.NewGuid():N}";
        await TestServer.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'word'");
        try
        {
            var words = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name)) { Username = role, Password = "word" };
            await using var reader = new Process(StoreServer.Read(words.ToString()));

            var fault = await Assert.ThrowsAsync<StoreException>(() => reader.Home.PrepareAsync(Cancel));

            Assert.Contains("must own the database", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            await TestServer.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task Whoever_reads_a_connection_of_the_store_finds_no_password()
    {
        var password = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name)).Password!;
        await using var process = new Process(_name);
        await using var store = process.CreateDbContext();
        await store.Database.OpenConnectionAsync(Cancel);

        Assert.DoesNotContain(password, store.Database.GetConnectionString(), StringComparison.Ordinal);
        Assert.DoesNotContain(password, process.Home.Place, StringComparison.Ordinal);
    }

    private static Database Shop() => new() { Id = Guid.NewGuid(), Slug = "shop", Name = "Shop", Engine = "lines", Location = "/shop", AddedAt = DateTimeOffset.UnixEpoch };

    /// <summary>What of a process of the dashboard holds the store.</summary>
    private sealed class Process : IDbContextFactory<DashboardStore>, IAsyncDisposable
    {
        private readonly StoreServer _server;
        public Process(string database)
            : this(StoreServer.Read(TestServer.ConnectionString(database)))
        {
        }

        public Process(NpgsqlConnectionStringBuilder words)
        {
            _server = new StoreServer(words);
            Home = new PostgresStoreHome(this, _server, Time, NullLogger<PostgresStoreHome>.Instance);
        }

        public FakeTimeProvider Time { get; } = new();

        public PostgresStoreHome Home { get; }

        public DashboardStore CreateDbContext() => new(MigratedDatabase.Options(_server));

        public async ValueTask DisposeAsync()
        {
            await Home.DisposeAsync();
            await _server.DisposeAsync();
        }
    }
}
