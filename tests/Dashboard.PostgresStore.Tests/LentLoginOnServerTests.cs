using System.Globalization;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Dashboard.Postgres;
using Dashboard.Postgres.Tests.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Dashboard.Core.Tests;

/// <summary>On a real server: watched by a login that may only read, restored by another that was given for it.</summary>
public sealed class LentLoginOnServerTests : IAsyncLifetime
{
    private readonly StoreFixture _home = new();
    private readonly string _name = $"lent_{Guid.NewGuid().ToString("N")[..10]}";
    private readonly string _canary = $"Ca:na\\ry {Guid.NewGuid():N}";
    private House _house;
    private Database _shop = null!;

    public LentLoginOnServerTests() => _house = NewHouse();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string App => _name + "_app";

    private string Watcher => _name + "_watcher";

    private string Keeper => _name + "_keeper";

    public async ValueTask InitializeAsync()
    {
        await OnAsync("postgres", $"CREATE ROLE {App} LOGIN PASSWORD 'app'; CREATE ROLE {Watcher} LOGIN PASSWORD 'watcher'; CREATE ROLE {Keeper} LOGIN CREATEDB PASSWORD '{_canary}'; GRANT pg_read_all_data, pg_monitor TO {Watcher}; GRANT {App}, pg_signal_backend TO {Keeper}");
        await TestServer.CreateDatabaseAsync(_name);
        await OnAsync("postgres", $"ALTER DATABASE {_name} OWNER TO {App}; REVOKE CONNECT ON DATABASE {_name} FROM PUBLIC; GRANT CONNECT ON DATABASE {_name} TO {Watcher}");
        await OnAsync(_name, $"SET ROLE {App}; CREATE TABLE orders (id int PRIMARY KEY, note text); INSERT INTO orders SELECT i, 'note' FROM generate_series(1, 100) i");
        await _house.StartAsync();
        _shop = await _house.Get<AddDatabase>().AddAsync(Actor.LocalAdministrator, "postgres", Url(Watcher, "watcher"), "Shop", Cancel);
    }

    [Fact]
    public async Task It_restores_undoes_and_removes_and_the_application_keeps_what_is_its_own()
    {
        var backup = await _house.BackUpAsync(_shop);
        await OnAsync(_name, "DELETE FROM orders WHERE id > 40");
        var check = await _house.Get<LendLogin>().CheckAsync(Actor.LocalAdministrator, _shop.Id, Keeper, _canary, Cancel);
        var own = (await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel))!;
        var lent = (await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel, check.Login))!;

        Assert.Equal((true, false), (own.WantsLogin, own.HasUndo));
        Assert.Equal((false, true, null, null), (lent.WantsLogin, lent.HasUndo, lent.Blocker, lent.OwnersProblem));
        Assert.Contains(check.Abilities, ability => ability is { Feature: "Restore with undo", Verdict: LocationVerdict.Good });

        var restored = await RestoreAsync(backup, check.Login!);
        Assert.Equal((RunState.Succeeded, null), (restored.State, restored.Problem));
        Assert.Equal(["100"], await TextsAsync(_name, "SELECT count(*)::text FROM orders"));
        await ExpectOwnersAsync();
        await ExpectNoCanaryAsync();

        var undone = await UndoAsync();
        Assert.Equal((RunState.Succeeded, null), (undone.State, undone.Problem));
        Assert.Equal(["40"], await TextsAsync(_name, "SELECT count(*)::text FROM orders"));
        await ExpectOwnersAsync();
        Assert.Equal(1, _home.Look(store => store.LentLogins.Count()));

        // Neither the watcher nor anybody else may drop it: the clock does it with the login that is kept.
        _home.Time.Advance(TimeSpan.FromHours(25));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Equal([_name], await BesideAsync());
        Assert.Equal(0, _home.Look(store => store.LentLogins.Count()));
        await ExpectNoCanaryAsync();
    }

    [Fact]
    public async Task A_password_that_was_changed_is_told_before_the_undo_and_before_the_removal()
    {
        var backup = await _house.BackUpAsync(_shop);
        var login = Login(_canary);
        Assert.Equal(RunState.Succeeded, (await RestoreAsync(backup, login)).State);
        await OnAsync("postgres", $"ALTER ROLE {Keeper} PASSWORD 'another'");

        var undo = await Assert.ThrowsAsync<LoginRefusedException>(UndoAsync);
        var kept = Assert.Single(await _house.Get<KeptContents>().ListAsync(Actor.LocalAdministrator, _shop, Cancel));
        var drop = await Assert.ThrowsAsync<LoginRefusedException>(() => DropAsync(kept.Place, null));
        var byWatcher = await Assert.ThrowsAsync<LoginRefusedException>(() => DropAsync(kept.Place, Login("watcher") with { User = Watcher }));
        await DropAsync(kept.Place, Login("another"));

        Assert.Contains($"refused the password of {Keeper}", undo.Message, StringComparison.Ordinal);
        Assert.Contains($"refused the password of {Keeper}", drop.Message, StringComparison.Ordinal);
        Assert.Contains(Watcher, byWatcher.Message, StringComparison.Ordinal);
        Assert.Equal([_name], await BesideAsync());
        Assert.Equal(0, _home.Look(store => store.LentLogins.Count()));
    }

    [Fact]
    public async Task Owners_left_out_give_all_to_whom_the_database_belongs_and_a_copy_ends_the_loan()
    {
        var backup = await _house.BackUpAsync(_shop);

        var restored = await _house.EndOfAsync(await _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel, withoutOwners: true, login: Login(_canary)));
        Assert.Equal((RunState.SucceededWithWarnings, $"Owners and rights of the backup were left out: all that it holds belongs to {App}."), (restored.State, restored.Problem));
        await ExpectOwnersAsync();

        var lentForRestore = _home.Look(store => store.LentLogins.Count());
        var copied = await _house.EndOfAsync(await _house.Get<AskForRestore>().AsCopyAsync(Actor.LocalAdministrator, backup.Id, Cancel, login: Login(_canary)));

        Assert.Equal(RunState.Succeeded, copied.State);
        Assert.Contains(Watcher + "@", copied.Summary, StringComparison.Ordinal);
        Assert.Equal((1, 1), (lentForRestore, _home.Look(store => store.LentLogins.Count())));
    }

    [Theory]
    [InlineData("__restore_", "Stopped with the dashboard before anything was changed.")]
    [InlineData("__before_", "The content had been replaced when the dashboard was stopped. It can be undone.")]
    public async Task Killed_on_the_way_the_next_start_puts_in_order_with_it(string reached, string summary)
    {
        var backup = await _house.BackUpAsync(_shop);
        await OnAsync(_name, "DELETE FROM orders WHERE id > 40");
        var kill = new KilledProcess();
        _house.Stores.Strike(kill, () => Beside().Any(name => name.Contains(reached, StringComparison.Ordinal)));
        var run = await AskAsync(backup, Login(_canary));
        await kill.Reached;
        _house.Kill();
        _house = NewHouse();
        await _house.StartAsync();

        var closed = await _house.EndOfAsync(run);

        Assert.Equal((RunState.Interrupted, summary), (closed.State, closed.Summary));
        if (reached == "__before_")
        {
            Assert.Equal(RunState.Succeeded, (await UndoAsync()).State);
            _home.Time.Advance(TimeSpan.FromHours(25));
        }

        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);
        Assert.Equal(["40"], await TextsAsync(_name, "SELECT count(*)::text FROM orders"));
        Assert.Equal([_name], await BesideAsync());
        Assert.Equal(0, _home.Look(store => store.LentLogins.Count()));
        await ExpectNoCanaryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
        foreach (var name in await BesideAsync())
        {
            await TestServer.DropDatabaseAsync(name);
        }

        await OnAsync("postgres", $"DROP ROLE {Keeper}; DROP ROLE {Watcher}; DROP ROLE {App}");
    }

    private House NewHouse() => new(_home, engine: services => new PostgresEngine(services.GetRequiredService<ILogins>(), TimeProvider.System));

    private Login Login(string password)
    {
        var server = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name));
        return new Login("postgres", string.Create(CultureInfo.InvariantCulture, $"{server.Host}:{server.Port}"), Keeper, password);
    }

    private string Url(string user, string password)
    {
        var server = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name));
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{user}:{password}@{server.Host}:{server.Port}/{_name}?sslmode=verify-full&sslrootcert={server.RootCertificate}");
    }

    private Task<Run> AskAsync(Backup backup, Login login) => _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel, login: login);

    private async Task<Run> RestoreAsync(Backup backup, Login login) => await _house.EndOfAsync(await AskAsync(backup, login));

    private async Task<Run> UndoAsync()
    {
        return await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, (await _house.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, _shop.Id, Cancel))!.RestoreId, Cancel));
    }

    private Task DropAsync(ContentPlace kept, Login? login) => _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, _shop, kept, "Shop", Cancel, login);

    private async Task ExpectOwnersAsync()
    {
        Assert.Equal([App], await TextsAsync("postgres", $"SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = '{_name}'"));
        Assert.Equal([App], await TextsAsync(_name, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'orders'"));
        Assert.Equal(["f"], await TextsAsync("postgres", $"SELECT has_database_privilege('public', '{_name}', 'CONNECT')::text::char"));
    }

    /// <summary>In no table of the store, and in no statement that the server shows.</summary>
    private async Task ExpectNoCanaryAsync()
    {
        await using var store = _home.Stores.CreateDbContext();
        await store.Database.OpenConnectionAsync(Cancel);
        var connection = (NpgsqlConnection)store.Database.GetDbConnection();
        var tables = await ReadAsync(connection, "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')");
        Assert.Contains(tables, table => table.EndsWith(".lent_logins", StringComparison.Ordinal));
        foreach (var table in tables)
        {
            Assert.DoesNotContain(await ReadAsync(connection, $"SELECT t::text FROM {table} t"), row => row.Contains(_canary, StringComparison.Ordinal) || row.Contains(_canary.Replace("\\", "\\\\", StringComparison.Ordinal), StringComparison.Ordinal));
        }

        Assert.DoesNotContain(await TextsAsync("postgres", "SELECT coalesce(query, '') FROM pg_stat_activity WHERE query NOT LIKE 'CREATE ROLE%'"), query => query.Contains(_canary, StringComparison.Ordinal));
    }

    private async Task<List<string>> BesideAsync() => await TextsAsync("postgres", $"SELECT datname::text FROM pg_database WHERE starts_with(datname, '{_name}') ORDER BY 1");

    /// <summary>For the fault, which asks while a store is being opened.</summary>
    private List<string> Beside() => Task.Run(BesideAsync).GetAwaiter().GetResult();

    private static async Task OnAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> TextsAsync(string database, string sql)
    {
        await using var connection = await OpenAsync(database);
        return await ReadAsync(connection, sql);
    }

    private static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> texts = [];
        while (await reader.ReadAsync())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    /// <summary>Of its own each time: a restore ends every session.</summary>
    private static async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(database)) { Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }
}
