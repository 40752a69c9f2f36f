using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

/// <summary>A kill at each step of a restore, and what the next start makes of it: the run says which content is live, and an undo copy is there whenever it is needed.</summary>
public sealed class KilledRestoreTests : IDisposable
{
    private const string Old = "orders 1\norders 2\n";
    private const string New = "orders 1\norders 2\norders 3\n";

    private readonly StoreFixture _home = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(EngineStep.CheckCopy))]
    [InlineData(nameof(EngineStep.BeforeFreeze))]
    [InlineData(nameof(EngineStep.AfterUndoCopy))]
    [InlineData(nameof(EngineStep.AfterCheckpoint))]
    public async Task Before_the_commit_nothing_was_changed(string step)
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(Enum.Parse<EngineStep>(step), kill));

        for (var start = 0; start < 2; start++)
        {
            await using var house = await new House(_home).StartAsync();
            var closed = await house.EndOfAsync(run);

            Assert.Equal((RunState.Interrupted, "Stopped with the dashboard before anything was changed."), (closed.State, closed.Summary));
            Assert.Equal(New, await LiveAsync(shop));
            Assert.Single(await house.BackupsOnceSweptAsync());
            Assert.Equal(["shop_backup_20261122_100000.json", "shop_backup_20261122_100000.lines.zst"], Files(shop));
            Assert.Empty(_home.Look(store => store.Restores.ToList()));
            ExpectAllClosed();
        }
    }

    [Fact]
    public async Task After_the_commit_it_can_be_undone()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.AfterCommit, kill));

        await ExpectReplacedAsync(run, shop);
    }

    [Fact]
    public async Task Between_commit_and_record_it_can_be_undone()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Stores.Strike(kill, () => HasManifest(house)));

        await ExpectReplacedAsync(run, shop);
    }

    [Fact]
    public async Task Between_record_and_end_it_can_be_undone()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Stores.Strike(kill, () => _home.Look(store => store.Restores.Any())));

        await ExpectReplacedAsync(run, shop);
    }

    [Fact]
    public async Task The_undo_copy_is_of_the_moment_of_the_freeze_however_long_the_dashboard_was_down()
    {
        var (run, _) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.AfterCommit, kill));
        var frozenAt = _home.Time.GetUtcNow();
        _home.Time.Advance(TimeSpan.FromDays(3));

        await using var house = await new House(_home).StartAsync();
        await house.EndOfAsync(run);

        var undo = _home.Look(store => store.Backups.Single(backup => backup.Kind == BackupKind.Undo));
        Assert.Equal(frozenAt, undo.TakenAt);
        Assert.Equal(frozenAt.AddDays(4), _home.Look(store => store.Restores.Single()).UndoUntil);
    }

    [Fact]
    public async Task A_database_that_can_not_be_asked_keeps_its_undo_copy_and_the_run_says_so()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.AfterCheckpoint, kill));
        var house = new House(_home);
        house.Engine.Strike(EngineStep.Trace, new DroppedConnection());
        await using var started = await house.StartAsync();

        var closed = await house.EndOfAsync(run);

        Assert.Equal(RunState.Interrupted, closed.State);
        Assert.Contains("can't be told from outside which content is live", closed.Summary, StringComparison.Ordinal);
        var undo = _home.Look(store => store.Backups.Single(backup => backup.Kind == BackupKind.Undo));
        Assert.Equal(New, await File.ReadAllTextAsync(Path.Combine(undo.Folder, undo.FileName), Cancel));
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task An_undo_copy_that_can_not_be_looked_at_is_kept_and_says_so()
    {
        var (run, _) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.AfterCommit, kill));
        var house = new House(_home);
        house.Engine.Strike(EngineStep.CheckCopy, new DroppedConnection());
        await using var started = await house.StartAsync();

        await house.EndOfAsync(run);

        var undo = _home.Look(store => store.Backups.Single(backup => backup.Kind == BackupKind.Undo));
        Assert.Equal((CheckLevel.ReadBack, "The connection was dropped."), (undo.Level, undo.Problem));
    }

    [Fact]
    public async Task Killed_again_while_it_reconciles_it_is_put_in_order_by_the_start_after()
    {
        var (run, shop) = await KillAsync((house, kill) => house.Engine.Strike(EngineStep.AfterCommit, kill));
        var again = new KilledProcess();
        var second = new House(_home);
        second.Stores.Strike(again, () => HasManifest(second));
        await second.StartAsync();
        await again.Reached;
        second.Kill();

        await ExpectReplacedAsync(run, shop);
    }

    [Fact]
    public async Task A_killed_undo_is_marked_as_done_when_it_had_committed()
    {
        var kill = new KilledProcess();
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        await house.RestoreAsync(backup);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        var restore = _home.Look(store => store.Restores.Single());
        house.Engine.Strike(EngineStep.AfterCommit, kill);
        var run = await house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, restore.Id, Cancel);
        await kill.Reached;
        house.Kill();

        await using var next = await new House(_home).StartAsync();
        await next.EndOfAsync(run);

        Assert.Equal(New, await LiveAsync(shop));
        Assert.Equal(run.Id, _home.Look(store => store.Restores.Single(row => row.Id == restore.Id)).UndoneByRunId);
        Assert.True((await next.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel))!.IsUndo);
    }

    [Fact]
    public async Task A_killed_undo_is_still_offered_when_it_had_not_committed()
    {
        var kill = new KilledProcess();
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        await house.RestoreAsync(backup);
        var restore = _home.Look(store => store.Restores.Single());
        house.Engine.Strike(EngineStep.AfterCheckpoint, kill);
        var run = await house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, restore.Id, Cancel);
        await kill.Reached;
        house.Kill();

        await using var next = await new House(_home).StartAsync();
        await next.EndOfAsync(run);

        Assert.Equal(Old, await LiveAsync(shop));
        Assert.Equal(restore.Id, (await next.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel))!.RestoreId);
    }

    [Fact]
    public async Task A_waiting_restore_is_not_started_and_a_waiting_backup_is()
    {
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        await house.StopAsync();
        var restore = await house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel);
        var waiting = await house.AskAsync("backup", shop);

        await using var next = await new House(_home).StartAsync();

        Assert.Equal((RunState.Interrupted, "Not started: the dashboard stopped first. Nothing was changed."), ((await next.EndOfAsync(restore)).State, next.Read(restore).Summary));
        Assert.Equal(RunState.Succeeded, (await next.EndOfAsync(waiting)).State);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task A_restore_that_was_asked_for_since_the_start_is_not_mistaken_for_an_old_one()
    {
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        await house.StopAsync();
        await using var next = new House(_home);
        var restore = await next.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel);

        await next.StartAsync();

        Assert.Equal(RunState.Succeeded, (await next.EndOfAsync(restore)).State);
        Assert.Equal(Old, await LiveAsync(shop));
    }

    [Theory]
    [InlineData(nameof(EngineStep.WriteCopy), RunState.Interrupted)]
    [InlineData(null, RunState.Succeeded)]
    public async Task A_killed_copy_is_whole_or_gone(string? step, RunState state)
    {
        var kill = new KilledProcess();
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        if (step is null)
        {
            house.Stores.Strike(kill, () => Copies().Count == 1);
        }
        else
        {
            house.Engine.Strike(Enum.Parse<EngineStep>(step), kill);
        }

        var run = await house.Get<AskForRestore>().AsCopyAsync(Actor.LocalAdministrator, backup.Id, Cancel);
        await kill.Reached;
        house.Kill();

        await using var next = await new House(_home).StartAsync();

        Assert.Equal(state, (await next.EndOfAsync(run)).State);
        Assert.Equal(state == RunState.Succeeded ? 1 : 0, Copies().Count);
        Assert.Equal(2, Files(shop).Count);
    }

    [Fact]
    public async Task A_killed_check_leaves_nothing()
    {
        var kill = new KilledProcess();
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        house.Engine.Strike(EngineStep.CheckCopy, kill);
        var run = await house.Get<AskForRestore>().CheckAsync(Actor.LocalAdministrator, backup.Id, Cancel);
        await kill.Reached;
        house.Kill();
        Assert.Equal(3, Files(shop).Count);

        await using var next = await new House(_home).StartAsync();

        Assert.Equal("Stopped with the dashboard. The backup was only read.", (await next.EndOfAsync(run)).Summary);
        Assert.Equal(2, Files(shop).Count);
    }

    [Fact]
    public async Task A_run_whose_job_this_build_does_not_have_is_closed_too()
    {
        var kill = new KilledProcess();
        var house = new House(_home, jobs: ScriptedJob.Waiting(kill));
        var run = await house.AskAsync("script", await house.RegisterAsync("Shop", "orders 1"));
        await house.StartAsync();
        await kill.Reached;
        house.Kill();

        await using var next = await new House(_home).StartAsync();

        var closed = await next.EndOfAsync(run);
        Assert.Equal(RunState.Interrupted, closed.State);
        Assert.Contains("no job called 'script'", closed.Problem, StringComparison.Ordinal);
    }

    public void Dispose() => _home.Dispose();

    private async Task<(Run Run, Database Shop)> KillAsync(Action<House, KilledProcess> arm)
    {
        var kill = new KilledProcess();
        var house = new House(_home);
        var (shop, backup) = await BackUpThenWriteAsync(house);
        arm(house, kill);
        var run = await house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel);
        await kill.Reached;
        house.Kill();
        Assert.Equal(RunState.Running, house.Read(run).State);
        return (run, shop);
    }

    private async Task<(Database Shop, Backup Backup)> BackUpThenWriteAsync(House house)
    {
        var shop = await house.RegisterAsync("Shop", "orders 1", "orders 2");
        await house.StartAsync();
        var backup = await house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromHours(1));
        await File.WriteAllTextAsync(shop.Location, New, Cancel);
        return (shop, backup);
    }

    /// <summary>Twice: a start after the start changes nothing. And the undo works.</summary>
    private async Task ExpectReplacedAsync(Run run, Database shop)
    {
        for (var start = 0; start < 2; start++)
        {
            await using var house = await new House(_home).StartAsync();
            var closed = await house.EndOfAsync(run);

            Assert.Equal((RunState.Interrupted, "The content had been replaced when the dashboard was stopped. It can be undone."), (closed.State, closed.Summary));
            Assert.Equal(Old, await LiveAsync(shop));
            Assert.Equal([BackupKind.Backup, BackupKind.Undo], (await house.BackupsOnceSweptAsync()).Select(backup => backup.Kind));
            Assert.Equal(4, Files(shop).Count);
            ExpectAllClosed();
        }

        await using var last = await new House(_home).StartAsync();
        var offer = (await last.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel))!;
        var undone = await last.EndOfAsync(await last.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, offer.RestoreId, Cancel));
        Assert.Equal(RunState.Succeeded, undone.State);
        Assert.Equal(New, await LiveAsync(shop));
    }

    private void ExpectAllClosed()
    {
        Assert.DoesNotContain(_home.Look(store => store.Runs.AsNoTracking().ToList()), run => run.IsOpen);
        Assert.DoesNotContain(_home.Look(store => store.RunPhases.AsNoTracking().ToList()), phase => phase.EndedAt is null);
    }

    private static bool HasManifest(House house) => Directory.EnumerateFiles(Path.Combine(house.Home.Data.DefaultBackupFolder, "shop"), "shop_undo_*.json").Any();

    private List<string> Files(Database shop) => [.. Directory.EnumerateFiles(Path.Combine(_home.Data.DefaultBackupFolder, shop.Slug)).Select(file => Path.GetFileName(file)).Order()];

    private List<string> Copies() => [.. Directory.EnumerateFiles(_home.Folder, "Shop.lines.restored-*")];

    private static Task<string> LiveAsync(Database shop) => File.ReadAllTextAsync(shop.Location, Cancel);
}
