using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Tests.Schemas;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

/// <summary>What waits for a transaction of somebody else names it, and says that the wait would go on.</summary>
public sealed class WaitedForTests : SchemaTests
{
    private IIndexMaker Maker => (IIndexMaker)Engine;

    public static TheoryData<string> Holds => new(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t",
        "BEGIN; INSERT INTO t VALUES (0)",
        "BEGIN; LOCK TABLE t IN SHARE MODE");

    [Theory]
    [MemberData(nameof(Holds))]
    public async Task An_index_that_can_not_be_made_in_time_names_the_session(string sql)
    {
        var location = await CreateAsync("CREATE TABLE t (id int)", "INSERT INTO t SELECT generate_series(1, 100)");
        await using var other = await HoldAsync(location, sql);
        List<string> said = [];

        var busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => Maker.CreateIndexAsync(location, new IndexDraft("t_id", "t", ["id"], false, null), new Heard(said), Now));

        Assert.Matches($@"^The index t_id could not be created in time\. It waited 5 s for nightly report \(dashboard_tests, pid {other.ProcessID}\), whose transaction has been open for .+, and would go on waiting until that transaction ends\.$", busy.Message);
        Assert.Contains(said, line => line.StartsWith($"Waiting for nightly report (dashboard_tests, pid {other.ProcessID})", StringComparison.Ordinal));
        Assert.Equal(["0"], await TextsAsync(location, "SELECT count(*) FROM pg_class WHERE relname = 't_id' AND relkind = 'i' AND EXISTS (SELECT FROM pg_index WHERE indexrelid = pg_class.oid AND indisvalid)"));
    }

    [Fact]
    public async Task A_rebuild_says_it_in_its_result()
    {
        var location = await CreateAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var other = await HoldAsync(location, "BEGIN; INSERT INTO t VALUES (0)");

        var result = await ((IMaintained)Engine).Tasks.Single(task => task.Description.Key == "reindex").RunAsync(location, RunProgress.None, Now);

        Assert.Equal("1 index could not be built anew and is as it was.", result.Problem);
        Assert.StartsWith($"t_pkey: It waited 5 s for nightly report (dashboard_tests, pid {other.ProcessID}), whose transaction", Assert.Single(result.Findings), StringComparison.Ordinal);
        Assert.Contains(Assert.Single(result.Findings), result.ProblemInFull!.Split('\n'));
    }

    [Fact]
    public async Task A_removal_names_it_too()
    {
        var location = await CreateAsync("CREATE TABLE t (id int)", "CREATE INDEX t_id ON t (id)");
        await using var other = await HoldAsync(location, "BEGIN; INSERT INTO t VALUES (0)");

        var busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => Maker.DropIndexAsync(location, new IndexDraft("t_id", "t", ["id"], false, null), RunProgress.None, Now));

        Assert.StartsWith($"The index t_id could not be removed in time. It waited 5 s for nightly report (dashboard_tests, pid {other.ProcessID})", busy.Message, StringComparison.Ordinal);
    }

    private static async Task<NpgsqlConnection> HoldAsync(string location, string sql)
    {
        var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, $"SET application_name = 'nightly report'; {sql}");
        return other;
    }

    private sealed class Heard(List<string> lines) : RunProgress
    {
        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
        }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
        }

        public override void Log(string text, LineLevel level = LineLevel.Info) => lines.Add(text);
    }
}
