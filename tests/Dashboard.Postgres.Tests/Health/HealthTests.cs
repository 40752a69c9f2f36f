using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Health;
using Dashboard.Postgres.Tests.Server;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Health;

public sealed class HealthTests : IAsyncDisposable
{
    private readonly PostgresHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(140003, "2026-01-01", HealthVerdict.Fail)]
    [InlineData(140020, "2026-11-12", HealthVerdict.Pass)]
    [InlineData(140020, "2026-11-13", HealthVerdict.Warn)]
    [InlineData(150018, "2026-11-25", HealthVerdict.Pass)]
    [InlineData(150013, "2026-11-25", HealthVerdict.Warn)]
    [InlineData(110022, "2026-11-25", HealthVerdict.Warn)]
    [InlineData(190001, "2026-11-25", HealthVerdict.Pass)]
    public void A_version_with_a_fault_or_without_fixes_is_told(int version, string today, HealthVerdict verdict) =>
        Assert.Equal(verdict, ServerVersionCheck.Judge(version, DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture)).Verdict);

    [Fact]
    public async Task An_index_whose_building_was_interrupted_is_told()
    {
        var location = await _harness.CreateAsync();
        await Assert.ThrowsAsync<PostgresException>(() => PostgresHarness.ExecuteAsync(PostgresHarness.DatabaseOf(location), "CREATE UNIQUE INDEX CONCURRENTLY one_order ON orders (customer)"));

        var answer = await LookAsync("invalid-indexes", location);

        Assert.Equal((HealthVerdict.Warn, "1 index is invalid: one_order (unique)."), (answer.Verdict, answer.Evidence));
    }

    [Fact]
    public async Task A_transaction_that_stays_open_is_told_with_who_has_it()
    {
        var location = await _harness.CreateAsync();
        await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(connection, "SET application_name = 'ledger'; BEGIN; SELECT 1");

        var answer = await LookAsync("long-transactions", location, ("warn", "0"));

        Assert.Equal(HealthVerdict.Warn, answer.Verdict);
        Assert.EndsWith($": ledger (process {connection.ProcessID}, idle in transaction).", answer.Evidence, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("long-transactions", location)).Verdict);
    }

    [Fact]
    public async Task A_sequence_ends_with_the_column_that_it_fills()
    {
        var location = await _harness.CreateAsync();
        await PostgresHarness.ExecuteAsync(
            PostgresHarness.DatabaseOf(location),
            """
            CREATE SEQUENCE wide;
            CREATE TABLE log (id int DEFAULT nextval('wide'));
            ALTER SEQUENCE wide OWNED BY log.id;
            SELECT setval('wide', 1600000000);
            """);
        var warned = await LookAsync("keys", location);
        await PostgresHarness.ExecuteAsync(PostgresHarness.DatabaseOf(location), "SELECT setval('wide', 2000000000)");
        var failed = await LookAsync("keys", location);

        Assert.Equal((HealthVerdict.Warn, "wide is the nearest: it has given 1,600,000,000, 75 % of the last."), (warned.Verdict, warned.Evidence));
        Assert.Equal(HealthVerdict.Fail, failed.Verdict);
    }

    [Fact]
    public async Task A_sequence_that_the_login_may_not_read_is_no_pass()
    {
        var location = await _harness.CreateAsync();
        var role = _harness.OwnRole("weak");
        await TestServer.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'weak'");
        await using var engine = PostgresHarness.EngineFor(location, role, "weak", out var ofUser);

        var answer = await LookAsync("keys", ofUser, engine);

        Assert.Equal(HealthVerdict.Unknown, answer.Verdict);
        Assert.StartsWith("This login may not read 1 sequence: tickets.", answer.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_and_connections_are_judged_by_their_thresholds()
    {
        var location = await _harness.CreateAsync();

        Assert.Equal(HealthVerdict.Fail, (await LookAsync("xid-age", location, ("fail", "0"))).Verdict);
        Assert.Equal(HealthVerdict.Warn, (await LookAsync("connections", location, ("warn", "0"))).Verdict);
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("xid-age", location)).Verdict);
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_by_every_check()
    {
        const string Down = "postgresql://me@127.0.0.1:1/shop?sslmode=disable";

        foreach (var check in ((IHealthChecked)_harness.Engine).HealthChecks)
        {
            var fault = await Assert.ThrowsAsync<DatabaseException>(() => LookAsync(check.Description.Key, Down));
            Assert.Equal("Nothing listens on 127.0.0.1:1.", fault.Message);
            Assert.StartsWith("Start PostgreSQL there", fault.NextStep, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'touch {0}'")]
    [InlineData("SET default_transaction_read_only = off")]
    [InlineData("SELECT nextval('tickets')")]
    public async Task A_question_starts_no_program_and_leaves_no_trace(string sql)
    {
        // Where the server's user can write.
        var trace = $"/tmp/trace_{Guid.NewGuid():N}";
        var location = await _harness.CreateAsync();
        var before = await _harness.ReadAllAsync(location);

        await Assert.ThrowsAsync<OwnQuestionException>(() => ((IHealthChecked)_harness.Engine).AskOwnAsync(location, sql.Replace("{0}", trace, StringComparison.Ordinal), TimeSpan.FromSeconds(10), Now));

        Assert.False(File.Exists(trace));
        Assert.Equal(before, await _harness.ReadAllAsync(location));
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private Task<HealthAnswer> LookAsync(string key, string location, params (string Key, string Value)[] values) => LookAsync(key, location, _harness.Engine, values);

    private static Task<HealthAnswer> LookAsync(string key, string location, IDatabaseEngine engine, params (string Key, string Value)[] values)
    {
        var check = ((IHealthChecked)engine).HealthChecks.Single(one => one.Description.Key == key);
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = "postgres", Location = location, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Now);
    }
}
