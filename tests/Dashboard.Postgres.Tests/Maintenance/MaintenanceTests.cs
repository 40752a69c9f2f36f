using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Postgres.Tests.Schemas;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

public sealed class MaintenanceTests : SchemaTests
{
    private IMaintained Maintained => (IMaintained)Engine;

    [Fact]
    public async Task Dead_rows_make_a_vacuum_worth_it_and_are_gone_after_it()
    {
        var location = await CreateAsync(
            "CREATE TABLE orders (id int PRIMARY KEY) WITH (autovacuum_enabled = false)",
            "INSERT INTO orders SELECT generate_series(1, 6000)",
            "DELETE FROM orders WHERE id > 2000",
            "SELECT pg_stat_force_next_flush()");

        var outlook = await TaskOf("vacuum").LookAheadAsync(location, Now);
        var result = await TaskOf("vacuum").RunAsync(location, RunProgress.None, Now);

        Assert.Equal((MaintenanceWorth.Yes, "4,000 of 6,000 rows are dead (67 %): their room would be free for new ones."), (outlook.Worth, outlook.Gain));
        Assert.Equal("Vacuumed 1 table.", result.Sentence);
        Assert.Equal(0, (await Maintained.MeasureAsync(location, Now)).DeadRows);
    }

    [Fact]
    public async Task A_vacuum_in_full_gives_the_room_back_and_is_not_done_without_asking()
    {
        var location = await CreateAsync(
            "CREATE TABLE orders (id int PRIMARY KEY, note text)",
            "INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i",
            "DELETE FROM orders WHERE id > 2000");
        var before = await Maintained.MeasureAsync(location, Now);

        // What a snapshot of anybody in this database can still see is written anew with the rest; of those that made the table one may not have left yet.
        // A slot that another test makes at this moment holds rows of every database until it has waited for all transactions.
        for (var attempt = 1; attempt <= 100 && (await Maintained.MeasureAsync(location, Now)).SizeBytes >= before.SizeBytes - 5_000_000; attempt++)
        {
            await Task.Delay(attempt == 1 ? 0 : 300, Now);
            await TaskOf("vacuum-full").RunAsync(location, RunProgress.None, Now);
        }

        Assert.InRange((await Maintained.MeasureAsync(location, Now)).SizeBytes, 1, before.SizeBytes - 5_000_000);
        Assert.False(TaskOf("vacuum-full").Description.IsForAll);
        Assert.NotNull(TaskOf("vacuum-full").Description.Warning);
    }

    [Fact]
    public async Task A_table_that_somebody_has_for_himself_is_named_and_the_others_are_done()
    {
        var location = await CreateAsync("CREATE TABLE free (id int)", "CREATE TABLE held (id int)");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");

        var result = await TaskOf("vacuum").RunAsync(location, RunProgress.None, Now);

        Assert.Equal(("Vacuumed 1 table.", "Skipped 1 table that was locked by another session."), (result.Sentence, result.Problem));
        Assert.StartsWith("held: locked", Assert.Single(result.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_interrupted_build_left_goes_and_an_index_that_is_only_called_so_stays()
    {
        var location = await CreateAsync("CREATE TABLE t (a int)", "INSERT INTO t VALUES (0)", "CREATE INDEX t_a ON t (a)");
        await FailAsync(location, "CREATE INDEX CONCURRENTLY t_a_ccnew ON t ((1 / a))");
        await FailAsync(location, "CREATE INDEX CONCURRENTLY mine_ccnew ON t ((2 / a))");
        await ExecuteAsync(location, "CREATE INDEX t_a_ccold ON t ((a + 1))");
        await ExecuteAsync(location, "UPDATE t SET a = 1");

        var outlook = await TaskOf("reindex").LookAheadAsync(location, Now);
        var result = await TaskOf("reindex").RunAsync(location, RunProgress.None, Now);

        Assert.StartsWith("1 index invalid, 1 index left by an interrupted build", outlook.Gain, StringComparison.Ordinal);
        Assert.Equal("Built 3 indexes anew, and removed 1 index that an interrupted build had left.", result.Sentence);
        Assert.Equal(
            ["mine_ccnew true", "t_a true", "t_a_ccold true"],
            await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT indexrelid::regclass || ' ' || indisvalid FROM pg_index WHERE indrelid = 't'::regclass ORDER BY 1"));
    }

    [Fact]
    public async Task An_index_that_can_not_be_built_says_why_and_leaves_no_half_of_it()
    {
        var location = await CreateAsync("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)");
        await FailAsync(location, "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)");

        var result = await TaskOf("reindex").RunAsync(location, RunProgress.None, Now);

        Assert.Equal("1 index could not be built anew and is as it was.", result.Problem);
        Assert.Contains("t_a: could not create unique index", Assert.Single(result.Findings), StringComparison.Ordinal);
        Assert.Equal(["t_a"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 't'::regclass"));
    }

    [Fact]
    public async Task One_index_or_the_indexes_of_one_table_are_rebuilt_and_the_others_are_left()
    {
        var location = await CreateAsync("CREATE TABLE t (a int, b int)", "CREATE INDEX t_a ON t (a)", "CREATE INDEX t_b ON t (b)", "CREATE TABLE \"odd.\"\"one\" (a int PRIMARY KEY)");
        var task = (IAimedTask)TaskOf("reindex");
        const string Files = "SELECT relname || ' ' || relfilenode FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace ORDER BY 1";
        async Task<IReadOnlyList<string>> ReadAsync() => [.. (await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), Files)).Order(StringComparer.Ordinal)];

        var targets = await task.ListTargetsAsync(location, Now);
        var before = await ReadAsync();
        var index = await task.RunAsync(location, "index t_b", RunProgress.None, Now);
        var afterIndex = await ReadAsync();
        var table = await task.RunAsync(location, "table \"odd.\"\"one\"", RunProgress.None, Now);
        var afterTable = await ReadAsync();

        Assert.Equal(["table \"odd.\"\"one\"", "table t", "index \"odd.\"\"one_pkey\"", "index t_a", "index t_b"], targets.Select(target => target.Key));
        Assert.Equal(("Built 1 index anew.", "Built 1 index anew."), (index.Sentence, table.Sentence));
        Assert.Equal(["t_b"], before.Except(afterIndex).Select(line => line.Split(' ')[0]));
        Assert.Equal(["odd.\"one_pkey"], afterIndex.Except(afterTable).Select(line => line.Split(' ')[0]));
        var gone = await Assert.ThrowsAsync<DatabaseException>(() => task.RunAsync(location, "index t_c", RunProgress.None, Now));
        Assert.Equal("There is no index t_c any more.", gone.Message);
    }

    [Fact]
    public async Task Without_amcheck_it_says_what_to_install()
    {
        var location = await CreateAsync("CREATE TABLE t (a int PRIMARY KEY)");

        var outlook = await TaskOf("index-check").LookAheadAsync(location, Now);

        Assert.Equal(("The extension amcheck is not in this database.", "Ask a server admin to run CREATE EXTENSION amcheck."), (outlook.Refusal, outlook.NextStep));
    }

    [Theory]
    [InlineData("index-check")]
    [InlineData("index-check-deep")]
    public async Task An_index_that_is_out_of_order_fails_by_its_name_and_a_sound_one_does_not(string key)
    {
        var location = await CreateAsync(
            "CREATE SCHEMA tools",
            "CREATE EXTENSION amcheck SCHEMA tools",
            "CREATE FUNCTION compare(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN a = b THEN 0 WHEN a > b THEN 1 ELSE -1 END'",
            "CREATE OPERATOR CLASS fickle FOR TYPE int USING btree AS OPERATOR 1 < (int, int), OPERATOR 2 <= (int, int), OPERATOR 3 = (int, int), OPERATOR 4 >= (int, int), OPERATOR 5 > (int, int), FUNCTION 1 compare(int, int)",
            "CREATE TABLE t (a int PRIMARY KEY)",
            "INSERT INTO t SELECT generate_series(1, 500)",
            "CREATE INDEX t_fickle ON t (a fickle)",
            "CREATE INDEX t_hash ON t USING hash (a)");
        var task = (IAimedTask)TaskOf(key);
        var sound = await task.RunAsync(location, RunProgress.None, Now);
        await ExecuteAsync(location, "CREATE OR REPLACE FUNCTION compare(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN a = b THEN 0 WHEN a < b THEN 1 ELSE -1 END'");

        var damaged = await task.RunAsync(location, RunProgress.None, Now);
        var other = await task.RunAsync(location, "index t_pkey", RunProgress.None, Now);

        Assert.Equal("Sound: 2 indexes checked.", sound.Sentence);
        Assert.True(damaged.IsDamage);
        Assert.StartsWith("1 index is damaged: t_fickle: ", damaged.Problem, StringComparison.Ordinal);
        Assert.StartsWith("Rebuild what is named", damaged.NextStep, StringComparison.Ordinal);
        Assert.Equal("Sound: 1 index checked.", other.Sentence);
    }

    [Fact]
    public async Task A_check_of_indexes_is_cancelled_and_can_be_done_again_while_somebody_writes()
    {
        var location = await CreateAsync("CREATE EXTENSION amcheck", "CREATE TABLE t (a int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 1000)");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; INSERT INTO t VALUES (1001)");
        using var person = new ImpatientPerson(1, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TaskOf("index-check").RunAsync(location, person, person.Token));
        var quick = await TaskOf("index-check").RunAsync(location, RunProgress.None, Now);
        var deep = await TaskOf("index-check-deep").RunAsync(location, RunProgress.None, Now);

        Assert.Equal("Sound: 1 index checked.", quick.Sentence);
        Assert.Equal("1 index could not be checked.", deep.Problem);
        Assert.Contains("lock timeout", Assert.Single(deep.Findings), StringComparison.Ordinal);
    }

    private IMaintenanceTask TaskOf(string key) => Maintained.Tasks.Single(task => task.Description.Key == key);

    private static Task<PostgresException> FailAsync(string location, string sql) => Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(location, sql));
}
