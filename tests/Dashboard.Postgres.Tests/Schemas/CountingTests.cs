using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class CountingTests : SchemaTests
{
    [Fact]
    public async Task A_table_that_another_has_for_himself_is_listed_at_once_and_not_counted()
    {
        var location = await CreateAsync("CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held SELECT generate_series(1, 500); CREATE TABLE free (id int); INSERT INTO free VALUES (1)", "ANALYZE");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; INSERT INTO held SELECT generate_series(501, 600); LOCK TABLE held IN ACCESS EXCLUSIVE MODE; SELECT pg_stat_force_next_flush()");

        var list = await Engine.ReadTablesAsync(location, Plenty, Now);
        var counts = await Engine.CountRowsAsync(location, Plenty, Now);

        Assert.Equal([("free", 1L, true), ("held", 500L, false)], list.Tables.Select(table => (table.Name, table.Rows!.Value, table.Rows.IsExact)));
        Assert.Equal("free", Assert.Single(counts.Tables).Table);
        Assert.False(counts.IsComplete);
        Assert.Equal(("held_pkey", "id"), (await Engine.ReadIndexesAsync(location, Now)).Indexes is [var index] ? (index.Name, Assert.Single(index.Columns).Title) : default);
        Assert.Equal("id", Assert.Single((await Engine.ReadTableAsync(location, "held", Plenty, Now)).Columns).Name);
        Assert.Equal("held is locked by another session.", (await Assert.ThrowsAsync<DatabaseBusyException>(() => Engine.CountTableAsync(location, "held", RunProgress.None, Now))).Message);
    }

    [Fact]
    public async Task A_definition_that_needs_a_look_at_a_locked_table_says_so()
    {
        var location = await CreateAsync("CREATE TABLE held (id int CHECK (id > 0))", "CREATE INDEX by_sum ON held ((id + 1)) WHERE id > 3");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");

        var index = Assert.Single((await Engine.ReadIndexesAsync(location, Now)).Indexes);
        var error = await Assert.ThrowsAsync<DatabaseBusyException>(() => Engine.ReadTableAsync(location, "held", Plenty, Now));

        Assert.Equal(("by_sum", "a condition", null), (index.Name, index.Where, index.Definition));
        Assert.Equal("held is locked by another session.", error.Message);
    }

    [Fact]
    public async Task A_login_without_rights_sees_sizes_and_no_counts()
    {
        var location = await CreateAsync(
            """
            CREATE TABLE secret (id int); INSERT INTO secret SELECT generate_series(1, 300);
            CREATE TABLE several (id int); INSERT INTO several SELECT generate_series(1, 300);
            CREATE TABLE shown (id int); INSERT INTO shown VALUES (1);
            ALTER TABLE several ENABLE ROW LEVEL SECURITY;
            CREATE POLICY few ON several USING (id < 10);
            """,
            "ANALYZE");
        var role = Harness.Own("reader");
        await ExecuteAsync(location, $"CREATE ROLE {role} LOGIN PASSWORD '{LocationText.Read(TestServer.Url).Password}'; GRANT SELECT ON several, shown TO {role}");
        var asReader = (PostgresLocation.Parse(location) with { User = role }).ToString();
        try
        {
            var list = await Engine.ReadTablesAsync(asReader, Plenty, Now);
            var counts = await Engine.CountRowsAsync(asReader, Plenty, Now);

            Assert.Equal([("secret", 300L, false), ("several", 300L, false), ("shown", 1L, true)], list.Tables.Select(table => (table.Name, table.Rows!.Value, table.Rows.IsExact)));
            Assert.All(list.Tables, table => Assert.True(table.DataBytes!.Value > 0));
            Assert.Equal("shown", Assert.Single(counts.Tables).Table);
            Assert.False(counts.IsComplete);
            Assert.Contains("permission denied for table secret", (await Assert.ThrowsAnyAsync<DatabaseException>(() => Engine.CountTableAsync(asReader, "secret", RunProgress.None, Now))).Message, StringComparison.Ordinal);
            Assert.Contains("row-level security", (await Assert.ThrowsAnyAsync<DatabaseException>(() => Engine.CountTableAsync(asReader, "several", RunProgress.None, Now))).Message, StringComparison.Ordinal);
            Assert.Equal("id", Assert.Single((await Engine.ReadTableAsync(asReader, "secret", Plenty, Now)).Columns).Name);
        }
        finally
        {
            await ExecuteAsync(location, $"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_large_table_is_counted_in_parts_of_one_moment()
    {
        var location = await CreateAsync("CREATE TABLE large (id int, fill text); INSERT INTO large SELECT i, repeat('x', 1900) FROM generate_series(1, 70000) i; DELETE FROM large WHERE id % 7 = 0");
        var progress = new WritingMeanwhile(() => ExecuteAsync(location, "INSERT INTO large SELECT i, 'new' FROM generate_series(1, 1000) i; DELETE FROM large WHERE id < 500").GetAwaiter().GetResult());

        var rows = await Engine.CountTableAsync(location, "large", progress, Now);

        Assert.Equal(60_000, rows.Value);
        var phase = Assert.Single(progress.Phases);
        Assert.Equal(phase.TotalBytes, phase.DoneBytes);
        Assert.True(phase.TotalBytes > 140_000_000);
        Assert.True(progress.Reports > 1);
    }

    [Fact]
    public async Task A_cancelled_count_ends_on_the_server_and_leaves_no_session()
    {
        var location = await CreateAsync("CREATE TABLE large (id int); INSERT INTO large SELECT generate_series(1, 3000000)");
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.CountTableAsync(location, "large", new StoppedAtOnce(stop), stop.Token));

        var patience = TimeProvider.System.GetUtcNow().AddSeconds(5);
        while ((await SessionsAsync(location)).Count > 0 && TimeProvider.System.GetUtcNow() < patience)
        {
            await Task.Delay(20, Now);
        }

        Assert.Empty(await SessionsAsync(location));
    }

    [Fact]
    public async Task A_budget_that_is_too_small_leaves_the_large_ones_out()
    {
        var location = await CreateAsync("CREATE TABLE large (id int); INSERT INTO large SELECT generate_series(1, 3000000); CREATE TABLE small (id int); INSERT INTO small VALUES (1)", "ANALYZE");

        var counts = await Engine.CountRowsAsync(location, TimeSpan.FromMilliseconds(30), Now);
        var list = await Engine.ReadTablesAsync(location, TimeSpan.FromMilliseconds(250), Now);

        Assert.Equal((false, true), (counts.IsComplete, counts.Tables.All(table => table.Table == "small")));
        Assert.Equal([("large", false), ("small", true)], list.Tables.Select(table => (table.Name, table.Rows!.IsExact)));
        Assert.Equal(list.Tables[0].Rows!.Value, (await FindAsync(location, "large", TimeSpan.FromMilliseconds(250))).Rows!.Value);
    }

    [Fact]
    public async Task A_count_in_progress_lets_a_table_be_changed()
    {
        var location = await CreateAsync("CREATE TABLE small (id int); CREATE TABLE large (id int); INSERT INTO large SELECT generate_series(1, 3000000)", "ANALYZE");
        await using var other = new NpgsqlConnection(TestServer.ConnectionString(PostgresHarness.DatabaseOf(location)));
        await other.OpenAsync(Now);

        var counting = Engine.CountRowsAsync(location, Plenty, Now);
        var changes = 0;
        while (!counting.IsCompleted)
        {
            await PostgresHarness.ExecuteAsync(other, "SET lock_timeout = 2000; ALTER TABLE small ADD COLUMN IF NOT EXISTS note text");
            changes++;
        }

        Assert.True((await counting).IsComplete);
        Assert.True(changes > 0);
    }

    private static Task<IReadOnlyList<string>> SessionsAsync(string location) =>
        TextsAsync(location, "SELECT application_name || ' ' || query FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'dashboard%'");

    private sealed class WritingMeanwhile(Action write) : WatchedProgress
    {
        public int Reports { get; private set; }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
            base.Report(doneBytes, totalBytes);
            if (Reports++ == 0)
            {
                write();
            }
        }
    }

    private sealed class StoppedAtOnce(CancellationTokenSource stop) : WatchedProgress
    {
        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            base.Phase(name, totalBytes, canCancel);
            stop.CancelAfter(TimeSpan.FromMilliseconds(5));
        }
    }
}
