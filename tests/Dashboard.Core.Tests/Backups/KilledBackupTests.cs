using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

/// <summary>A kill at each step of a backup, and what the next start makes of it. At no point does something look whole that is not.</summary>
public sealed class KilledBackupTests : IDisposable
{
    private readonly StoreFixture _home = new();

    [Fact]
    public async Task Before_its_first_mark_it_leaves_nothing()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.EstimateWork, kill));

        await ExpectInterruptedAsync(run, shop, "Stopped before it had written anything.");
    }

    [Theory]
    [InlineData(nameof(EngineStep.WriteWork))]
    [InlineData(nameof(EngineStep.WriteArtefact))]
    public async Task While_it_writes_the_half_written_files_go(string step)
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(Enum.Parse<EngineStep>(step), kill));
        Assert.Contains(FilesOf(shop), file => file.EndsWith(".partial", StringComparison.Ordinal));

        await ExpectInterruptedAsync(run, shop, "Stopped with the dashboard; the half-written file was removed.");
    }

    [Fact]
    public async Task Between_rename_and_manifest_the_data_file_is_no_backup_and_goes()
    {
        var (run, shop) = await KillBeforeRowAsync();
        File.Delete(FilesOf(shop).Single(file => file.EndsWith(".json", StringComparison.Ordinal)));

        await ExpectInterruptedAsync(run, shop, "Stopped with the dashboard; the half-written file was removed.");
    }

    [Fact]
    public async Task While_the_manifest_is_written_the_data_file_is_no_backup_and_goes()
    {
        var (run, shop) = await KillBeforeRowAsync();
        var manifest = FilesOf(shop).Single(file => file.EndsWith(".json", StringComparison.Ordinal));
        await File.WriteAllTextAsync(manifest + ".partial", (await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))[..40], TestContext.Current.CancellationToken);
        File.Delete(manifest);

        await ExpectInterruptedAsync(run, shop, "Stopped with the dashboard; the half-written file was removed.");
    }

    [Fact]
    public async Task A_torn_manifest_is_none()
    {
        var (run, shop) = await KillBeforeRowAsync();
        var manifest = FilesOf(shop).Single(file => file.EndsWith(".json", StringComparison.Ordinal));
        await File.WriteAllTextAsync(manifest, (await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken))[..40], TestContext.Current.CancellationToken);

        await using var house = await new House(_home).StartAsync();

        Assert.Equal(RunState.Interrupted, (await house.EndOfAsync(run)).State);
        Assert.Empty(await house.BackupsOnceSweptAsync());
    }

    [Fact]
    public async Task Between_manifest_and_row_the_backup_is_whole()
    {
        var (run, shop) = await KillBeforeRowAsync();

        await ExpectWholeAsync(run, shop, RunState.Succeeded);
    }

    [Fact]
    public async Task Between_row_and_end_the_backup_is_whole()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Stores.Strike(kill, () => _home.Look(store => store.Backups.Any())));

        await ExpectWholeAsync(run, shop, RunState.Succeeded);
    }

    [Fact]
    public async Task A_whole_one_with_warnings_stays_amber()
    {
        var (run, shop) = await KillBeforeRowAsync("One table was skipped.");

        await ExpectWholeAsync(run, shop, RunState.SucceededWithWarnings);
        Assert.Equal("One table was skipped.", _home.Look(store => store.Runs.Single(row => row.Id == run.Id)).Problem);
        Assert.False(_home.Look(store => store.Backups.Single()).IsGood);
    }

    [Fact]
    public async Task Killed_again_while_it_reconciles_it_is_put_in_order_by_the_start_after()
    {
        var (run, shop) = await KillBeforeRowAsync();
        var kill = new KilledProcess();
        var second = new House(_home);
        second.Stores.Strike(kill, () => _home.Look(store => store.Backups.Any()));
        await second.StartAsync();
        await kill.Reached;
        second.Kill();

        await ExpectWholeAsync(run, shop, RunState.Succeeded);
    }

    [Fact]
    public async Task A_waiting_backup_is_started_by_the_next_start()
    {
        var first = new House(_home);
        var shop = await first.RegisterAsync("Shop", "orders 1");
        var run = await first.AskAsync("backup", shop);

        await using var house = await new House(_home).StartAsync();

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task The_same_schedule_is_not_blocked_by_what_was_killed()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.WriteWork, kill));
        await using var house = await new House(_home).StartAsync();
        await house.EndOfAsync(run);

        var next = await house.BackUpAsync(shop);

        Assert.True(next.IsGood);
    }

    public void Dispose() => _home.Dispose();

    private Task<(Run Run, Database Shop)> KillBeforeRowAsync(params string[] warnings) => KillAsync((house, kill) =>
    {
        house.Engine.Warnings.AddRange(warnings);
        house.Stores.Strike(kill, () => Directory.EnumerateFiles(_home.Data.DefaultBackupFolder, "*.json", SearchOption.AllDirectories).Any());
    });

    private async Task<(Run Run, Database Shop)> KillAsync(Action<House, KilledProcess> arm)
    {
        var kill = new KilledProcess();

        // Not compressed: the threads of a compressor that nobody closes any more would outlive the test.
        var house = new House(_home, options: options => options.Compression = Compression.None);
        var shop = await house.RegisterAsync("Shop", "orders 1", "orders 2");
        Directory.CreateDirectory(house.FolderOf(shop));
        arm(house, kill);
        await house.StartAsync();
        var run = await house.AskAsync("backup", shop);
        await kill.Reached;
        house.Kill();
        Assert.Equal(RunState.Running, house.Read(run).State);
        return (run, shop);
    }

    /// <summary>Twice: a start after the start changes nothing.</summary>
    private async Task ExpectInterruptedAsync(Run run, Database shop, string summary)
    {
        for (var start = 0; start < 2; start++)
        {
            await using var house = await new House(_home).StartAsync();
            var closed = await house.EndOfAsync(run);

            Assert.Equal((RunState.Interrupted, summary), (closed.State, closed.Summary));
            Assert.Empty(await house.BackupsOnceSweptAsync());
            Assert.Empty(FilesOf(shop));
            ExpectAllClosed();
        }
    }

    private async Task ExpectWholeAsync(Run run, Database shop, RunState state)
    {
        for (var start = 0; start < 2; start++)
        {
            await using var house = await new House(_home).StartAsync();
            var closed = await house.EndOfAsync(run);

            Assert.Equal(state, closed.State);
            Assert.EndsWith("The dashboard was stopped just after; the backup is whole.", closed.Summary, StringComparison.Ordinal);
            var backup = Assert.Single(await house.BackupsOnceSweptAsync());
            Assert.Equal(run.Id, backup.RunId);
            Assert.Equal(2, FilesOf(shop).Count);
            ExpectAllClosed();
        }
    }

    private void ExpectAllClosed()
    {
        Assert.DoesNotContain(_home.Look(store => store.Runs.ToList()), run => run.IsOpen);
        Assert.DoesNotContain(_home.Look(store => store.RunPhases.ToList()), phase => phase.EndedAt is null);
    }

    private List<string> FilesOf(Database shop) => [.. Directory.EnumerateFiles(Path.Combine(_home.Data.DefaultBackupFolder, shop.Slug)).Order()];
}
