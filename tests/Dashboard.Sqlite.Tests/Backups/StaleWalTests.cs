using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Tests.Aliases;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Backups;

/// <summary>Somebody put a file back by hand and left the WAL of the one before beside it: what is sound reads as malformed.</summary>
public sealed class StaleWalTests : IAsyncDisposable
{
    private readonly SqliteHarness harness = new("wal");

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200)]
    [InlineData(1500)]
    public async Task It_is_named_as_the_likely_cause_in_backup_check_health_plan_and_on_the_add_page(int orders)
    {
        var file = await CreateAsync(orders);

        var backup = await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));
        var check = await ((IMaintained)harness.Engine).Tasks.Single(one => one.Description.Key == "integrity-check").RunAsync(file, RunProgress.None, Now);
        var health = await HealthOf.AskAsync(harness.Engine, "integrity", file);
        var add = await harness.Engine.CheckLocationAsync(file, Now);

        foreach (var said in new[] { EngineLines.Sentence(backup.Message), check.Problem, health.Evidence, string.Join(' ', add.Facts.Select(fact => fact.Value)) })
        {
            Assert.Contains($"Likely cause: {file}-wal belongs to another copy", said, StringComparison.Ordinal);
        }

        Assert.StartsWith("Copy shop.db with its -wal and -shm to a safe place.", backup.NextStep, StringComparison.Ordinal);
        Assert.Equal(backup.NextStep, health.NextStep);
    }

    [Fact]
    public async Task Followed_the_way_out_brings_the_file_back()
    {
        var file = await CreateAsync(1500);
        await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));

        File.Move(file + "-wal", file + "-wal.aside");
        File.Delete(file + "-shm");
        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Contains(content.Rows, table => table is { Table: "orders", Rows: 1000 });
    }

    [Fact]
    public async Task A_file_that_is_damaged_itself_is_not_blamed_on_its_WAL()
    {
        var file = harness.Create("shop.db");
        await LeaveWalAsync(file);
        SqliteHarness.Overwrite(file, 400_960, 8192);

        var backup = await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));

        Assert.DoesNotContain("Likely cause", backup.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    /// <summary>The WAL of one database beside the file of another with as many rows as are asked for.</summary>
    private async Task<string> CreateAsync(int orders)
    {
        var file = harness.Create("shop.db", orders: 1500);
        await LeaveWalAsync(file);
        var other = harness.Create("other.db", orders: orders);
        SqliteHarness.Execute(other, "DELETE FROM orders WHERE id > 1000; CREATE TABLE more (id INTEGER PRIMARY KEY); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
        File.Copy(other, file, overwrite: true);
        return file;
    }

    /// <summary>As an application leaves it that was killed.</summary>
    private static async Task LeaveWalAsync(string file)
    {
        await using var application = await OtherProcess.StartAsync("sell", file, "20000");
        application.Kill();
    }
}
