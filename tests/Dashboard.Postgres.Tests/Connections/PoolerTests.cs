using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Store;
using Dashboard.Postgres.Store;
using Dashboard.Postgres.Tests.Server;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Connections;

/// <summary>Behind a pooler the sessions of the server are the application's: whatever is done here, it finds them as they were.</summary>
public sealed class PoolerTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _database = "";

    public static TheoryData<string> Modes => ["session", "transaction", "statement"];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = PostgresHarness.DatabaseOf(await _harness.CreateAsync());

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Whatever_is_done_through_a_pooler_the_application_finds_its_sessions_as_they_were(string mode)
    {
        await using var pooler = await Pooler.StartAsync(mode);
        var location = pooler.LocationOf(_database);
        var before = await ReadSessionsAsync(pooler, mode);

        foreach (var (name, work) in Everything(location))
        {
            // Some of it is refused, and says why; that is looked at elsewhere.
            await Record.ExceptionAsync(work);

            var after = await ReadSessionsAsync(pooler, mode);
            Assert.All(after, session => Assert.True(before[0].SetEquals(session), $"{name}: {string.Join(", ", session.Except(before[0]))}"));
        }
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task A_pooler_is_named_while_its_address_is_typed_and_what_needs_a_session_says_so(string mode)
    {
        await using var pooler = await Pooler.StartAsync(mode);

        var check = await _harness.Engine.CheckLocationAsync(pooler.LocationOf(_database), Now);

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Contains(check.Facts, fact => fact is { Label: "Pooler", Verdict: LocationVerdict.Warning } && fact.Value.Contains("PgBouncer", StringComparison.Ordinal));
        Assert.All(check.Abilities.Skip(1), ability => Assert.True(ability.Verdict == LocationVerdict.Refused && ability.Words.Contains("direct address", StringComparison.Ordinal), ability.Feature));
        Assert.Contains("direct address", check.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pooler_in_statement_mode_is_refused_by_its_name()
    {
        await using var pooler = await Pooler.StartAsync("statement");

        var check = await _harness.Engine.CheckLocationAsync(pooler.LocationOf(_database), Now);

        Assert.Equal(LocationVerdict.Refused, check.Verdict);
        Assert.Contains("PgBouncer in statement mode", check.Headline, StringComparison.Ordinal);
        Assert.Contains("direct address", check.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_only_the_pooler_knows_is_refused_with_the_real_one()
    {
        await using var pooler = await Pooler.StartAsync("transaction", ("the_shop", _database));

        var check = await _harness.Engine.CheckLocationAsync(pooler.LocationOf("the_shop"), Now);

        Assert.Equal(LocationVerdict.Refused, check.Verdict);
        Assert.Contains(_database, check.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_direct_address_is_no_pooler()
    {
        var check = await _harness.Engine.CheckLocationAsync(PostgresHarness.LocationOf(_database), Now);

        Assert.DoesNotContain(check.Facts, fact => fact.Label == "Pooler");
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task Numbers_tables_and_indexes_are_seen_through_a_pooler(string mode)
    {
        await using var pooler = await Pooler.StartAsync(mode);
        var location = pooler.LocationOf(_database);
        var budget = TimeSpan.FromSeconds(2);

        var tables = await _harness.Engine.ReadTablesAsync(location, budget, Now);
        var table = await _harness.Engine.ReadTableAsync(location, "public.orders", budget, Now);
        var indexes = await _harness.Engine.ReadIndexesAsync(location, Now);
        var state = await _harness.Engine.ReadStateAsync(location, Now);

        Assert.Equal(1500, tables.Tables.Single(one => one.Name == "orders").Rows!.Value);
        Assert.Equal(3, table.Columns.Count);
        Assert.Contains(indexes.Indexes, index => index.Name == "orders_by_customer");
        Assert.True(state.SizeBytes > 0);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task What_needs_a_session_of_its_own_asks_for_the_direct_address(string mode)
    {
        await using var pooler = await Pooler.StartAsync(mode);
        var location = pooler.LocationOf(_database);

        foreach (var (name, work) in NeedsSession(location))
        {
            var refusal = await Assert.ThrowsAsync<DatabaseException>(work);
            Assert.True(refusal.NextStep?.Contains("direct address", StringComparison.Ordinal), $"{name}: {refusal.Message}");
        }
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task A_store_does_not_begin_behind_a_pooler(string mode)
    {
        await using var pooler = await Pooler.StartAsync(mode);
        await using var server = new StoreServer(StoreServer.Read($"Host=127.0.0.1;Port={pooler.Port};Database={_database};Username=application;SSL Mode=Disable"));

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreLock.TakeAsync(server, TimeSpan.FromSeconds(5), Now));

        Assert.Contains("direct address", refusal.Message, StringComparison.Ordinal);
    }

    private List<(string Name, Func<Task> Work)> Everything(string location) =>
    [
        ("check location", () => _harness.Engine.CheckLocationAsync(location, Now)),
        ("state", () => _harness.Engine.ReadStateAsync(location, Now)),
        ("tables", () => _harness.Engine.ReadTablesAsync(location, TimeSpan.FromSeconds(1), Now)),
        ("table", () => _harness.Engine.ReadTableAsync(location, "public.orders", TimeSpan.FromSeconds(1), Now)),
        ("missing table", () => _harness.Engine.ReadTableAsync(location, "public.nothing", TimeSpan.FromSeconds(1), Now)),
        ("indexes", () => _harness.Engine.ReadIndexesAsync(location, Now)),
        ("users", () => _harness.Engine.FindUsersAsync(location, Now)),
        ("mark", () => _harness.Engine.ReadMarkAsync(location, Now)),
        ("estimate", () => _harness.Engine.EstimateBackupAsync(location, Now)),
        ("measure", () => ((IMaintained)_harness.Engine).MeasureAsync(location, Now)),
        .. ((IMaintained)_harness.Engine).Tasks.Select(task => ($"look at {task.Description.Key}", (Func<Task>)(() => task.LookAheadAsync(location, Now)))),
        .. ((IHealthChecked)_harness.Engine).HealthChecks.Select(check => ($"check {check.Description.Key}", (Func<Task>)(() => check.LookAsync(new HealthQuestion(new Database { Id = Guid.NewGuid(), AddedAt = DateTimeOffset.UnixEpoch, Slug = "shop", Name = "shop", Engine = PostgresEngine.Key, Location = location }, HealthValues.Defaults(check.Description.Fields), RunProgress.None), Now)))),
        .. NeedsSession(location),
    ];

    private List<(string Name, Func<Task> Work)> NeedsSession(string location) =>
    [
        ("back up", () => _harness.TakeBackupAsync(location, cancellationToken: Now)),
        ("count", () => _harness.Engine.CountRowsAsync(location, TimeSpan.FromSeconds(1), Now)),
        ("count table", () => _harness.Engine.CountTableAsync(location, "public.orders", RunProgress.None, Now)),
        ("plan a restore", () => _harness.Engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now)),
        ("restore", () => _harness.Engine.RestoreAsync(location, new RestoreWork(ContentPlace.File("nowhere"), _harness.NewUndo(location, "undo"), _ => Task.CompletedTask), RunProgress.None, Now)),
        ("restore as copy", () => _harness.Engine.RestoreAsCopyAsync(location, new CopyWork("nowhere", "restored-20261125-021500-ab12"), RunProgress.None, Now)),
        ("own question", () => ((IHealthChecked)_harness.Engine).AskOwnAsync(location, "SELECT 1", TimeSpan.FromSeconds(1), Now)),
        .. ((IMaintained)_harness.Engine).Tasks.Select(task => (task.Description.Key, (Func<Task>)(() => task.RunAsync(location, RunProgress.None, Now)))),
    ];

    /// <summary>Every setting of every session that the pooler lends, and what else may stay in one. Held at once where the mode allows it.</summary>
    private async Task<List<HashSet<string>>> ReadSessionsAsync(Pooler pooler, string mode)
    {
        List<NpgsqlConnection> applications = [];
        try
        {
            List<HashSet<string>> sessions = [];
            for (var number = 0; number < Pooler.Sessions; number++)
            {
                var application = await pooler.ConnectAsync(_database);
                applications.Add(application);
                if (mode != "statement")
                {
                    await PostgresHarness.ExecuteAsync(application, "BEGIN");
                }

                sessions.Add(await ReadSessionAsync(application));
            }

            return sessions;
        }
        finally
        {
            foreach (var application in applications)
            {
                await application.DisposeAsync();
            }
        }
    }

    private static async Task<HashSet<string>> ReadSessionAsync(NpgsqlConnection application)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT name || '=' || setting FROM pg_settings WHERE name NOT IN ('transaction_isolation', 'transaction_read_only')
            UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
            UNION ALL SELECT 'lock ' || locktype FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
            UNION ALL SELECT 'temporary ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
            UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
            """,
            application);
        await using var reader = await command.ExecuteReaderAsync(Now);
        HashSet<string> found = [];
        while (await reader.ReadAsync(Now))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
