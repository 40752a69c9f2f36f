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

    private IMaintenanceTask TaskOf(string key) => Maintained.Tasks.Single(task => task.Description.Key == key);
}
