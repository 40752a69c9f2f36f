using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Xunit;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>A standby offers what it can, and gives its reason for the rest.</summary>
public sealed class StandbyTests(ServerPair pair) : IClassFixture<ServerPair>
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_looked_at_counted_backed_up_and_checked()
    {
        var name = await pair.CreateAsync("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "INSERT INTO p SELECT generate_series(1, 9)", "SET session_replication_role = replica; INSERT INTO c VALUES (1), (42)", "CREATE EXTENSION amcheck");
        var at = pair.Standby(name);

        var check = await pair.Engine.CheckLocationAsync(at, Now);
        var tables = await pair.Engine.ReadTablesAsync(at, TimeSpan.FromSeconds(5), Now);
        var counts = await pair.Engine.CountRowsAsync(at, TimeSpan.FromSeconds(5), Now);
        var (plain, counted) = (await BackUpAsync(at, countsSource: false), await BackUpAsync(at, countsSource: true));
        var keys = await RunAsync(at, "foreign-keys");
        var indexes = await RunAsync(at, "index-check");

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Equal(
            [("See", LocationVerdict.Good), ("Back up", LocationVerdict.Good), ("Restore", LocationVerdict.Refused), ("Vacuum, analyze, reindex", LocationVerdict.Refused)],
            check.Abilities.Select(ability => (ability.Feature, ability.Verdict)));
        Assert.Null(check.NoBackupBecause);
        Assert.Equal(["c", "p"], tables.Tables.Select(table => table.Name));
        Assert.Equal([new TableRows("c", 2), new TableRows("p", 9)], counts.Tables);
        Assert.Equal((1, 1), (plain.Warnings.Count, counted.Warnings.Count));
        Assert.Equal(counts.Tables, counted.Rows);
        Assert.Equal("Found 1 orphaned row.", keys.Sentence);
        Assert.Equal("Sound: 1 index checked.", indexes.Sentence);
    }

    [Theory]
    [InlineData("vacuum")]
    [InlineData("analyze")]
    [InlineData("reindex")]
    [InlineData("index-check-deep")]
    [InlineData("vacuum-full")]
    public async Task What_writes_is_refused_with_the_reason(string task)
    {
        var at = pair.Standby(await pair.CreateAsync("CREATE TABLE p (id int PRIMARY KEY)", "CREATE EXTENSION amcheck"));

        var outlook = await pair.Engine.Tasks.Single(one => one.Description.Key == task).LookAheadAsync(at, Now);

        Assert.Equal(("This server is a standby and can't be written.", "Run this on its primary; the result is replicated to the standby."), (outlook.Refusal, outlook.NextStep));
    }

    [Fact]
    public async Task An_index_and_a_removal_of_orphans_are_refused_in_its_words_too()
    {
        var name = await pair.CreateAsync("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "SET session_replication_role = replica; INSERT INTO c VALUES (42)");
        var words = $"{PostgresLocation.Parse(pair.Standby(name)).ServerWords} is a standby or read-only and can't be written.";

        var index = await Assert.ThrowsAsync<DatabaseException>(() => pair.Engine.CreateIndexAsync(pair.Standby(name), new IndexDraft("c_p", "c", ["p"], false, null), RunProgress.None, Now));
        var orphans = await Assert.ThrowsAsync<DatabaseException>(() => pair.Engine.FindOrphansAsync(pair.Standby(name), RunProgress.None, Now));

        Assert.Equal((words, words), (index.Message, orphans.Message));
        Assert.Equal("Run this on its primary.", orphans.NextStep);
    }

    private Task<MaintenanceResult> RunAsync(string at, string task) => pair.Engine.Tasks.Single(one => one.Description.Key == task).RunAsync(at, RunProgress.None, Now);

    private async Task<BackupContent> BackUpAsync(string at, bool countsSource)
    {
        var folder = Directory.CreateTempSubdirectory("dashboard-standby-");
        try
        {
            await using var artefact = new MemoryStream();
            return await pair.Engine.WriteBackupAsync(at, new BackupStaging(Path.Combine(folder.FullName, "work"), artefact) { CountsSource = countsSource }, RunProgress.None, Now);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
