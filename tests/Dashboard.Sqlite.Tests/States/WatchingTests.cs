using Dashboard.Core.Databases;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.States;

public sealed class WatchingTests : IAsyncLifetime
{
    private readonly SqliteHarness wal = new("wal");
    private readonly SqliteHarness rollback = new("delete");

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await wal.DisposeAsync();
        await rollback.DisposeAsync();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536)]
    public async Task The_facts_are_those_that_sqlite_tells(int pageSize)
    {
        foreach (var harness in new[] { wal, rollback })
        {
            var file = harness.Create("facts.db", pageSize);
            SqliteHarness.Execute(file, "DELETE FROM orders WHERE id > 500");
            var (pages, free) = (SqliteHarness.Text(file, "PRAGMA page_count"), SqliteHarness.Text(file, "PRAGMA freelist_count"));

            var state = await harness.Engine.ReadStateAsync(file, Now);

            Assert.Equal(["file", "wal", "free", "pages", "page-size", "journal"], state.Facts.Select(fact => fact.Key));
            Assert.Equal(pages, Number(state, "pages").ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(long.Parse(free, System.Globalization.CultureInfo.InvariantCulture) * pageSize, Number(state, "free"));
            Assert.Equal(pageSize, Number(state, "page-size"));
            Assert.Equal(new FileInfo(file).Length, state.SizeBytes);
            Assert.Equal(harness == wal ? "WAL" : "Rollback", state.Facts[^1].Text);
            Assert.Contains("% of the file", state.Facts[2].Note, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_only_in_the_log_is_seen_and_the_log_is_left_alone()
    {
        var file = wal.Create("logged.db");
        using var application = SqliteHarness.Open(file);
        SqliteHarness.Execute(application, "PRAGMA wal_autocheckpoint = 0; CREATE TABLE late (id INTEGER PRIMARY KEY, content BLOB);");
        SqliteHarness.Execute(application, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO late SELECT i, randomblob(2000) FROM n");
        var surroundings = await wal.ListSurroundingsAsync(file);

        var state = await wal.Engine.ReadStateAsync(file, Now);
        var rows = await wal.Engine.CountRowsAsync(file, TimeSpan.FromSeconds(10), Now);

        Assert.Contains(rows.Tables, table => table is { Table: "late", Rows: 200 });
        Assert.Equal(SqliteHarness.Texts(application, "PRAGMA page_count")[0], Number(state, "pages").ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(Number(state, "wal") > 400_000);
        Assert.True(state.SizeBytes > new FileInfo(file).Length + Number(state, "wal"));
        Assert.Equal(surroundings, await wal.ListSurroundingsAsync(file));
    }

    [Fact]
    public async Task A_rollback_database_that_somebody_holds_exclusively_is_still_watched()
    {
        var file = rollback.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");

        var state = await rollback.Engine.ReadStateAsync(file, Now);

        Assert.True(state.SizeBytes > 0);
    }

    [Fact]
    public async Task Rows_under_an_exclusive_lock_are_not_counted_and_the_holder_is_named()
    {
        var file = rollback.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");

        var error = await Assert.ThrowsAsync<DatabaseBusyException>(() => rollback.Engine.CountRowsAsync(file, TimeSpan.FromMilliseconds(100), Now));

        Assert.Contains($"process {holder.Id}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_transaction_of_a_killed_application_is_left_to_a_backup_or_its_application()
    {
        var file = rollback.Create("source.db");
        var crashed = Path.Combine(rollback.LiveFolder, "crashed.db");
        using (var application = SqliteHarness.Open(file))
        {
            SqliteHarness.Execute(application, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; DELETE FROM orders;");
            File.Copy(file, crashed);
            File.Copy(file + "-journal", crashed + "-journal");
        }

        var journal = await File.ReadAllBytesAsync(crashed + "-journal", Now);
        await rollback.Engine.ReadStateAsync(crashed, Now);
        var error = await Assert.ThrowsAsync<DatabaseException>(() => rollback.Engine.CountRowsAsync(crashed, TimeSpan.FromSeconds(10), Now));
        var outlook = await rollback.Engine.LookAheadAsync(crashed, 1, new Dictionary<string, string>(), Now);
        Assert.Contains("stopped in the middle", error.Message, StringComparison.Ordinal);
        Assert.True(outlook.IsLiveReadable);
        Assert.Equal(journal, await File.ReadAllBytesAsync(crashed + "-journal", Now));

        var (_, content) = await rollback.TakeBackupAsync(crashed, cancellationToken: Now);

        Assert.Contains(content.Rows, table => table is { Table: "orders", Rows: 1500 });
    }

    [Fact]
    public async Task An_empty_file_has_a_state_without_pages()
    {
        var file = Path.Combine(wal.LiveFolder, "empty.db");
        await File.WriteAllBytesAsync(file, [], Now);

        var state = await wal.Engine.ReadStateAsync(file, Now);

        Assert.Equal(0, state.SizeBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wal_database_on_a_read_only_disk_is_watched_and_backed_up(bool hasLog)
    {
        using var disk = new SmallDisk(16);
        var file = Path.Combine(disk.Folder, "app.db");
        var source = wal.Create("source.db");
        using (var application = SqliteHarness.Open(source))
        {
            if (hasLog)
            {
                SqliteHarness.Execute(application, "INSERT INTO customers VALUES (9999, 'only in the log')");
                File.Copy(source + "-wal", file + "-wal");
                File.Copy(source + "-shm", file + "-shm");
            }

            File.Copy(source, file);
        }

        disk.MakeReadOnly();
        var state = await wal.Engine.ReadStateAsync(file, Now);
        var (copy, content) = await wal.TakeBackupAsync(file, cancellationToken: Now);

        Assert.True(state.SizeBytes > 0);
        Assert.Equal(hasLog ? "1" : "0", SqliteHarness.Text(copy, "SELECT COUNT(*) FROM customers WHERE id = 9999"));
        Assert.Equal(hasLog, content.Warnings.Count == 0);
    }

    private static long Number(DatabaseState state, string key) => state.Facts.Single(fact => fact.Key == key).Number!.Value;
}
