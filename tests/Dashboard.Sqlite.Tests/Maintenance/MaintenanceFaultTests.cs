using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Maintenance;

/// <summary>Maintenance while an application of its own process writes all the time, and on a disk that is full.</summary>
public sealed class MaintenanceFaultTests : IAsyncDisposable
{
    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IMaintained Maintained => (IMaintained)_harness.Engine;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_writer_in_another_process_goes_on_through_every_task_and_loses_nothing(string journal)
    {
        var file = Path.Combine(_harness.LiveFolder, "ledger.db");
        await OtherProcess.RunAsync("create", file, journal, "4000");
        SqliteHarness.Execute(file, "DELETE FROM filler WHERE id % 5 < 2");
        var log = new CommitLog(_harness.NewFile("committed.log"));
        await using var writer = await OtherProcess.StartAsync("writer", file, "40", "120", log.File);
        List<string> done = [];
        foreach (var task in Maintained.Tasks)
        {
            if ((await task.LookAheadAsync(file, Now)).Refusal is not null)
            {
                continue;
            }

            try
            {
                Assert.Null((await task.RunAsync(file, RunProgress.None, Now)).Problem);
                done.Add(task.Description.Key);
            }
            catch (DatabaseBusyException) when (task.Description.Key == "compact")
            {
                // Somebody who writes all the time keeps the copy out; this one does.
            }

            await log.GrowAsync(3);
        }

        await writer.EndAsync();

        Assert.Superset(new HashSet<string> { "vacuum", "analyze", "reindex", "quick-check", "integrity-check", "foreign-keys" }, done.ToHashSet());
        Assert.Equal((0, "ok"), ((await OtherProcess.RunAsync("check", file)).ExitCode, SqliteHarness.Text(file, "PRAGMA integrity_check")));
        using var connection = SqliteHarness.Open(file);
        var kept = SqliteHarness.Texts(connection, "SELECT number FROM ledger").Select(long.Parse).ToHashSet();
        Assert.DoesNotContain(log.Read(), number => !kept.Contains(number));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task On_a_disk_that_fills_up_meanwhile_each_task_fails_or_ends_and_the_content_stays(string journal)
    {
        using var disk = new SmallDisk(80);
        var file = Path.Combine(disk.Folder, "shop.db");
        SqliteHarness.Execute(
            file,
            $"""
            PRAGMA journal_mode = {journal};
            PRAGMA foreign_keys = OFF;
            CREATE TABLE customers (id INTEGER PRIMARY KEY);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, note TEXT, body BLOB);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO orders SELECT i, i, hex(randomblob(300)), randomblob(900) FROM n;
            CREATE INDEX by_note ON orders (note);
            DELETE FROM orders WHERE id % 3 = 0;
            PRAGMA wal_checkpoint(TRUNCATE);
            """);
        var before = SqliteHarness.ReadAll(file, "AND name NOT LIKE 'sqlite_stat%'");
        disk.FillUpTo(1_500_000);
        var beside = Names(disk);
        List<string> failed = [];

        foreach (var task in Maintained.Tasks.Where(task => task.Description.Key != "incremental-vacuum"))
        {
            await TryAsync(task.Description.Key, () => task.RunAsync(file, RunProgress.None, Now));
        }

        await TryAsync("orphans", () => ((IOrphanage)_harness.Engine).RemoveOrphansAsync(file, Path.Combine(disk.Folder, "kept.sql"), new OrphanCount(long.MaxValue, long.MaxValue), RunProgress.None, Now));
        await TryAsync("index", () => ((IIndexMaker)_harness.Engine).CreateIndexAsync(file, new IndexDraft("by_body", "orders", ["body"], false, null), RunProgress.None, Now));

        Assert.Superset(new HashSet<string> { "vacuum", "compact", "orphans", "index" }, failed.ToHashSet());

        async Task TryAsync(string what, Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (DatabaseException fault)
            {
                Assert.False(string.IsNullOrWhiteSpace(fault.Message));
                failed.Add(what);
            }

            Assert.Equal("ok", SqliteHarness.Text(file, "PRAGMA integrity_check"));
            Assert.Equal(before, SqliteHarness.ReadAll(file, "AND name NOT LIKE 'sqlite_stat%'"));
            Assert.Equal(beside, Names(disk));
        }
    }

    /// <summary>Without the files of SQLite's own, which come and go.</summary>
    private static IReadOnlyList<string> Names(SmallDisk disk) =>
        [.. Directory.GetFiles(disk.Folder).Select(file => Path.GetFileName(file)).Where(name => !name.StartsWith("shop.db-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
