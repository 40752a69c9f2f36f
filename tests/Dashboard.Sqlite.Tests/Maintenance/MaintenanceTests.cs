using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Maintenance;

public sealed class MaintenanceTests : IAsyncDisposable
{
    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IMaintained Maintained => (IMaintained)_harness.Engine;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_vacuum_gives_back_what_was_deleted_and_tells_how_far_it_is(string journal)
    {
        var file = _harness.Create("shop.db", orders: 60_000);
        SqliteHarness.Execute(file, $"PRAGMA journal_mode = {journal}; DELETE FROM orders WHERE id % 5 < 2;");
        var before = await Maintained.MeasureAsync(file, Now);
        var progress = new WatchedProgress();

        await TaskOf("vacuum").RunAsync(file, progress, Now);

        var after = await Maintained.MeasureAsync(file, Now);
        Assert.InRange(after.SizeBytes, before.SizeBytes * 55 / 100, before.SizeBytes * 65 / 100);
        Assert.Equal(0, after.FreeBytes);
        var packing = progress.Phases[0];
        Assert.Equal(("Packing", true), (packing.Name, packing.CanCancel));
        Assert.InRange(packing.DoneBytes, packing.TotalBytes!.Value / 2, packing.TotalBytes.Value);
        Assert.False(progress.Phases[^1].CanCancel);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_is_refused_before_anything_is_written()
    {
        using var disk = new SmallDisk(20);
        var file = Path.Combine(disk.Folder, "shop.db");
        SqliteHarness.Execute(file, "PRAGMA journal_mode = wal; CREATE TABLE files (body BLOB); INSERT INTO files VALUES (zeroblob(9000000)); PRAGMA wal_checkpoint(TRUNCATE);");
        disk.FillUpTo(4_000_000);

        var outlook = await TaskOf("vacuum").LookAheadAsync(file, Now);

        Assert.StartsWith($"Not enough room in {disk.Folder}: 8.6", outlook.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_writes_all_the_time_keeps_a_vacuum_from_beginning_and_is_told()
    {
        var file = _harness.Create("shop.db");
        using var writer = SqliteHarness.Open(file);
        SqliteHarness.Execute(writer, "BEGIN IMMEDIATE");

        var busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => TaskOf("vacuum").RunAsync(file, RunProgress.None, Now));

        Assert.Contains("has been locked for 5 seconds", busy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_somebody_reads_is_not_called_empty()
    {
        var file = _harness.Create("shop.db");
        using var reader = SqliteHarness.Open(file);
        SqliteHarness.Execute(reader, "BEGIN; SELECT * FROM customers");
        SqliteHarness.Execute(file, "UPDATE customers SET name = 'changed'");

        var result = await TaskOf("checkpoint").RunAsync(file, RunProgress.None, Now);

        Assert.Equal("The log could not be emptied.", result.Sentence);
        Assert.NotNull(result.Problem);
    }

    [Fact]
    public async Task Statistics_are_worth_it_until_they_are_there()
    {
        var file = _harness.Create("shop.db");

        Assert.Equal(MaintenanceWorth.Yes, (await TaskOf("analyze").LookAheadAsync(file, Now)).Worth);
        await TaskOf("analyze").RunAsync(file, RunProgress.None, Now);

        Assert.Equal("The statistics still fit the tables.", (await TaskOf("analyze").LookAheadAsync(file, Now)).Gain);
        SqliteHarness.Execute(file, "DELETE FROM orders WHERE id > 100");
        Assert.Equal("The statistics of orders no longer fit.", (await TaskOf("analyze").LookAheadAsync(file, Now)).Gain);
    }

    [Fact]
    public async Task A_file_that_was_made_for_it_is_vacuumed_step_by_step()
    {
        var file = Path.Combine(_harness.LiveFolder, "steps.db");
        SqliteHarness.Execute(file, "PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE files (body BLOB); INSERT INTO files VALUES (zeroblob(9000000)); DELETE FROM files;");
        Assert.Equal(MaintenanceWorth.Yes, (await TaskOf("incremental-vacuum").LookAheadAsync(file, Now)).Worth);

        await TaskOf("incremental-vacuum").RunAsync(file, RunProgress.None, Now);

        Assert.InRange(new FileInfo(file).Length, 1, 100_000);
    }

    [Fact]
    public async Task One_index_or_those_of_one_table_are_rebuilt()
    {
        var file = _harness.Create("shop.db");
        SqliteHarness.Execute(file, "CREATE INDEX by_name ON customers (name)");
        var task = (IAimedTask)TaskOf("reindex");

        Assert.Equal(["table customers", "table orders", "index by_name", "index orders_by_customer"], (await task.ListTargetsAsync(file, Now)).Select(target => target.Key));
        Assert.Equal("Built 1 index anew.", (await task.RunAsync(file, "index by_name", RunProgress.None, Now)).Sentence);
        Assert.Equal("Built 1 index anew.", (await task.RunAsync(file, "table orders", RunProgress.None, Now)).Sentence);
        Assert.Equal("There is no index gone any more.", (await Assert.ThrowsAsync<DatabaseException>(() => task.RunAsync(file, "index gone", RunProgress.None, Now))).Message);
    }

    [Fact]
    public async Task Cancelled_half_way_it_says_what_is_done_and_stays()
    {
        var file = _harness.Create("shop.db", orders: 20_000);
        SqliteHarness.Execute(file, "CREATE INDEX a_first ON customers (name)");
        using var atSecond = new ImpatientPerson(1, waitsForReport: true);
        var steps = Path.Combine(_harness.LiveFolder, "steps.db");
        SqliteHarness.Execute(steps, "PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE files (body BLOB); INSERT INTO files VALUES (zeroblob(19000000)); DELETE FROM files;");
        using var atReport = new ImpatientPerson(0, waitsForReport: true);

        var indexes = await Assert.ThrowsAsync<PartlyDoneException>(() => TaskOf("reindex").RunAsync(file, atSecond, atSecond.Token));
        var pages = await Assert.ThrowsAsync<PartlyDoneException>(() => TaskOf("incremental-vacuum").RunAsync(steps, atReport, atReport.Token));

        Assert.Equal("1 index is built anew and stays so; the others are as they were.", indexes.Message);
        Assert.Matches(@"^[0-9.]+ MiB are given back and stay so; the content is as it was\.$", pages.Message);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Compacted_by_a_copy_it_is_as_small_as_after_a_vacuum_and_whoever_has_it_open_goes_on(string journal)
    {
        var file = _harness.Create("shop.db", orders: 6_000);
        SqliteHarness.Execute(file, $"PRAGMA journal_mode = {journal}; DELETE FROM orders WHERE id % 5 < 2;");
        File.Copy(file, file + ".twin");
        SqliteHarness.Execute(file + ".twin", "VACUUM");
        var content = SqliteHarness.ReadAll(file);
        using var application = SqliteHarness.Open(file);
        SqliteHarness.Execute(application, "SELECT COUNT(*) FROM orders");

        var result = await TaskOf("compact").RunAsync(file, RunProgress.None, Now);

        Assert.StartsWith("Packed into a checked copy and put in place", result.Sentence, StringComparison.Ordinal);
        SqliteHarness.Execute(application, "INSERT INTO customers VALUES (1000, 'went on')");
        Assert.Equal("went on", SqliteHarness.Text(file, "SELECT name FROM customers WHERE id = 1000"));
        SqliteHarness.Execute(application, "DELETE FROM customers WHERE id = 1000");
        application.Dispose();
        Assert.Equal(content, SqliteHarness.ReadAll(file));
        Assert.Equal((journal, "ok"), (SqliteHarness.Text(file, "PRAGMA journal_mode"), SqliteHarness.Text(file, "PRAGMA integrity_check")));
        Assert.InRange(new FileInfo(file).Length, 1, new FileInfo(file + ".twin").Length + 8192);
        Assert.Equal(2, Directory.GetFiles(_harness.LiveFolder).Length);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task What_is_written_while_the_copy_is_made_is_not_lost(string journal)
    {
        var file = _harness.Create("shop.db");
        SqliteHarness.Execute(file, $"PRAGMA journal_mode = {journal}; DELETE FROM orders WHERE id % 2 = 0;");
        var writer = new WritesAt(file, "Waiting for writers", most: 2);

        await TaskOf("compact").RunAsync(file, writer, Now);

        Assert.Equal(2, writer.Written);
        Assert.Equal("2", SqliteHarness.Text(file, "SELECT COUNT(*) FROM customers WHERE id >= 1000"));
        Assert.Single(Directory.GetFiles(_harness.LiveFolder));
    }

    [Fact]
    public async Task Somebody_who_writes_each_time_keeps_a_compact_copy_from_its_place_and_is_told()
    {
        var file = _harness.Create("shop.db");
        SqliteHarness.Execute(file, "DELETE FROM orders WHERE id % 2 = 0;");
        var writer = new WritesAt(file, "Waiting for writers", most: 100);

        var busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => TaskOf("compact").RunAsync(file, writer, Now));

        Assert.StartsWith("Somebody writes all the time", busy.Message, StringComparison.Ordinal);
        Assert.Equal("3", SqliteHarness.Text(file, "SELECT COUNT(*) FROM customers WHERE id >= 1000"));
        Assert.Single(Directory.GetFiles(_harness.LiveFolder));
    }

    [Fact]
    public async Task A_vacuum_of_two_fifths_deleted_gives_back_what_that_of_another_connection_does()
    {
        var file = _harness.Create("shop.db", orders: 8_000);
        SqliteHarness.Execute(file, "DELETE FROM orders WHERE id % 5 < 2; PRAGMA wal_checkpoint(TRUNCATE);");
        File.Copy(file, file + ".twin");
        SqliteHarness.Execute(file + ".twin", "VACUUM");

        await TaskOf("vacuum").RunAsync(file, RunProgress.None, Now);

        Assert.Equal(new FileInfo(file + ".twin").Length, new FileInfo(file).Length);
    }

    [Fact]
    public async Task What_a_killed_compacting_left_is_swept_and_nothing_else()
    {
        var file = _harness.Create("shop.db");
        foreach (var name in new[] { ".compact.partial", ".compact.partial-journal", ".compact", ".partial" })
        {
            await File.WriteAllTextAsync(file + name, "left", Now);
        }

        await _harness.Engine.SweepAsync(file, Now);

        Assert.Equal(["shop.db", "shop.db.compact", "shop.db.partial"], Directory.GetFiles(_harness.LiveFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>Another connection writes a row each time the phase begins.</summary>
    private sealed class WritesAt(string file, string phase, int most) : WatchedProgress
    {
        public int Written { get; private set; }

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            base.Phase(name, totalBytes, canCancel);
            if (name == phase && Written < most)
            {
                SqliteHarness.Execute(file, $"INSERT INTO customers VALUES ({1000 + Written++}, 'written meanwhile')");
            }
        }
    }

    private IMaintenanceTask TaskOf(string key) => Maintained.Tasks.Single(task => task.Description.Key == key);
}
