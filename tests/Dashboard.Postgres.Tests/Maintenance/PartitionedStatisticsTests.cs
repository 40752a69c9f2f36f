using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Tests.Schemas;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

/// <summary>Statistics of a partitioned table as a whole, which nobody makes but an ANALYZE of the table itself.</summary>
public sealed class PartitionedStatisticsTests : SchemaTests
{
    /// <summary>How many partitioned tables, of all levels, have none although there are rows.</summary>
    private const string Missing =
        """
        SELECT count(*)
        FROM pg_class p
        WHERE p.relkind = 'p'
              AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = p.oid AND s.stainherit)
              AND EXISTS (SELECT FROM pg_partition_tree(p.oid) t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf AND pg_relation_size(l.oid) > 0)
        """;

    public static TheoryData<string, string[]> Kinds => new()
    {
        { "analyze", ["CREATE TABLE payment (id int, at date) PARTITION BY RANGE (at)", "CREATE TABLE payment_1 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')", "CREATE TABLE payment_2 PARTITION OF payment DEFAULT"] },
        { "vacuum", ["CREATE TABLE payment (id int, at date) PARTITION BY RANGE (at)", "CREATE TABLE payment_1 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')", "CREATE TABLE payment_2 PARTITION OF payment DEFAULT PARTITION BY HASH (id)", "CREATE TABLE payment_2a PARTITION OF payment_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "CREATE TABLE payment_2b PARTITION OF payment_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)"] },
        { "vacuum-full", ["CREATE SCHEMA \"S x\"", "CREATE TABLE payment (id int, at date) PARTITION BY LIST (at)", "CREATE TABLE \"S x\".\"d\"\"\ny\" PARTITION OF payment DEFAULT", "CREATE TABLE plain (id int)"] },
    };

    private IMaintained Maintained => (IMaintained)Engine;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Missing_ones_are_recommended_and_made_by_each_task(string task, string[] statements)
    {
        var location = await CreateAsync([.. statements, "INSERT INTO payment SELECT i, date '2026-01-01' + i % 400 FROM generate_series(1, 4000) i", "VACUUM (ANALYZE)"]);
        await ExecuteAsync(location, "DELETE FROM pg_statistic WHERE stainherit");
        Assert.NotEqual(["0"], await TextsAsync(location, Missing));

        var before = await TaskOf("analyze").LookAheadAsync(location, Now);
        var result = await TaskOf(task).RunAsync(location, RunProgress.None, Now);
        var after = await TaskOf("analyze").LookAheadAsync(location, Now);

        Assert.Equal((MaintenanceWorth.Yes, "payment has no statistics as a whole: autovacuum does not make those of partitioned tables."), (before.Worth, before.Gain));
        Assert.Null(result.Problem);
        Assert.Equal(["0"], await TextsAsync(location, Missing));
        Assert.Equal((MaintenanceWorth.No, "The statistics are up to date."), (after.Worth, after.Gain));
    }

    [Fact]
    public async Task A_whole_that_has_grown_past_its_statistics_is_recommended_though_each_partition_is_analysed()
    {
        var location = await CreateAsync("CREATE TABLE p (id int) PARTITION BY HASH (id)", "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)", "INSERT INTO p SELECT generate_series(1, 1000)", "ANALYZE p", "INSERT INTO p SELECT generate_series(1001, 3000)", "ANALYZE p0");

        var outlook = await TaskOf("analyze").LookAheadAsync(location, Now);

        Assert.Equal((MaintenanceWorth.Yes, "The statistics of p are out of date."), (outlook.Worth, outlook.Gain));
    }

    [Fact]
    public async Task One_without_rows_needs_none()
    {
        var location = await CreateAsync("CREATE TABLE p (id int) PARTITION BY HASH (id)", "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)");

        Assert.Equal(MaintenanceWorth.No, (await TaskOf("analyze").LookAheadAsync(location, Now)).Worth);
    }

    /// <summary>Only a superuser can create amcheck, so a login that can restore its database now could not any more.</summary>
    [Fact]
    public async Task What_is_advised_for_index_checks_says_what_it_takes_away()
    {
        var location = await CreateAsync();
        var role = Harness.OwnRole("keeper");
        await ExecuteAsync(location, $"CREATE ROLE {role} LOGIN PASSWORD 'x'; ALTER DATABASE {PostgresHarness.DatabaseOf(location)} OWNER TO {role}");
        await using var engine = PostgresHarness.EngineFor(location, role, "x", out var ofRole);
        const string Words = "Backups taken while amcheck is installed need a superuser's login to be restored.";

        var weak = await engine.Tasks.Single(task => task.Description.Key == "index-check").LookAheadAsync(ofRole, Now);
        var strong = await TaskOf("index-check").LookAheadAsync(location, Now);
        await ExecuteAsync(location, $"CREATE EXTENSION amcheck; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}; SET ROLE {role}; CREATE TABLE t (id int PRIMARY KEY)");
        var installed = await engine.Tasks.Single(task => task.Description.Key == "index-check").LookAheadAsync(ofRole, Now);

        Assert.Equal($"Ask a server admin to run CREATE EXTENSION amcheck. {Words} Have it dropped after the check: DROP EXTENSION amcheck.", weak.NextStep);
        Assert.Equal("Ask a server admin to run CREATE EXTENSION amcheck.", strong.NextStep);
        Assert.EndsWith(Words, installed.Gain, StringComparison.Ordinal);
        await ExecuteAsync(location, $"ALTER DATABASE {PostgresHarness.DatabaseOf(location)} OWNER TO CURRENT_USER; DROP OWNED BY {role}");
    }

    private IMaintenanceTask TaskOf(string key) => Maintained.Tasks.Single(task => task.Description.Key == key);
}
