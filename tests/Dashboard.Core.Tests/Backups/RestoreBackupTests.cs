using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

public sealed class RestoreBackupTests : IAsyncDisposable
{
    private const string Old = "orders 1\norders 2\n";
    private const string New = "orders 1\norders 2\norders 3\n";

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public RestoreBackupTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_content_comes_back_and_what_was_there_is_an_undo_copy()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        var run = await _house.RestoreAsync(backup);

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.EndsWith("It can be undone.", run.Summary, StringComparison.Ordinal);
        Assert.Equal(Old, await LiveAsync(shop));
        var undo = _home.Look(store => store.Backups.AsNoTracking().Single(row => row.Kind == BackupKind.Undo));
        Assert.Equal(New, await File.ReadAllTextAsync(Path.Combine(undo.Folder, undo.FileName), Cancel));
        Assert.Equal((3L, CheckLevel.Structure, _home.Time.GetUtcNow()), (undo.RowTotal, undo.Level, undo.TakenAt));
        Assert.True(File.Exists(Path.Combine(undo.Folder, "shop_undo_20261122_110000.json")));
        Assert.DoesNotContain(Directory.EnumerateFiles(_house.FolderOf(shop)), file => file.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_undo_brings_back_exactly_what_was_there_and_can_be_undone_itself()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        _home.Time.Advance(TimeSpan.FromHours(1));
        await File.AppendAllTextAsync(shop.Location, "orders 4\n", Cancel);

        var undone = await UndoLastAsync(shop);

        Assert.Equal(RunState.Succeeded, undone.State);
        Assert.Equal(New, await LiveAsync(shop));
        var first = _home.Look(store => store.Restores.AsNoTracking().Single(restore => !restore.IsUndo));
        Assert.Equal(undone.Id, first.UndoneByRunId);
        await Assert.ThrowsAsync<DatabaseException>(() => _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, first.Id, Cancel));

        _home.Time.Advance(TimeSpan.FromHours(1));
        await UndoLastAsync(shop);

        Assert.Equal(Old + "orders 4\n", await LiveAsync(shop));
    }

    /// <summary>The clock stands still: names of the same second must differ all the same.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restored_and_undone_twice_within_one_second_each_keeps_what_was_there(bool keepsBeside)
    {
        _house.Engine.KeepsBeside = keepsBeside;
        var (shop, backup) = await BackUpThenWriteAsync();

        for (var time = 1; time <= 2; time++)
        {
            var restored = await _house.RestoreAsync(backup);
            Assert.Equal((RunState.Succeeded, Old), (restored.State, await LiveAsync(shop)));
            var undone = await UndoAsync(restored);
            Assert.Equal((RunState.Succeeded, New), (undone.State, await LiveAsync(shop)));
            var redone = await UndoAsync(undone);
            Assert.Equal((RunState.Succeeded, Old), (redone.State, await LiveAsync(shop)));
            Assert.Equal((RunState.Succeeded, New), ((await UndoAsync(redone)).State, await LiveAsync(shop)));
        }

        var kept = _home.Look(store => store.Restores.Select(restore => restore.Kept ?? restore.UndoBackupId.ToString()).ToList());
        Assert.Equal((8, 8), (kept.Count, kept.Distinct().Count()));

        Task<Run> UndoAsync(Run run) => EndAsync(_home.Look(store => store.Restores.Single(restore => restore.RunId == run.Id)).Id);

        async Task<Run> EndAsync(Guid restore) => await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, restore, Cancel));
    }

    [Fact]
    public async Task After_a_day_there_is_no_one_click_undo_and_the_copy_is_still_there()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var restore = _home.Look(store => store.Restores.AsNoTracking().Single());
        Assert.NotNull(await OfferAsync(shop));

        _home.Time.Advance(TimeSpan.FromHours(24).Add(TimeSpan.FromSeconds(1)));

        Assert.Null(await OfferAsync(shop));
        await Assert.ThrowsAsync<DatabaseException>(() => _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, restore.Id, Cancel));
        var undo = _home.Look(store => store.Backups.AsNoTracking().Single(row => row.Kind == BackupKind.Undo));
        Assert.Equal(RunState.Succeeded, (await _house.RestoreAsync(undo)).State);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task An_undo_copy_that_is_gone_is_not_offered()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var undo = _home.Look(store => store.Backups.AsNoTracking().Single(row => row.Kind == BackupKind.Undo));

        File.Delete(Path.Combine(undo.Folder, undo.FileName));

        Assert.Null(await OfferAsync(shop));
    }

    [Fact]
    public async Task A_database_that_can_not_be_read_asks_for_its_name_and_has_no_undo()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await File.WriteAllTextAsync(shop.Location, FakeEngine.Damage + "\n", Cancel);
        await Assert.ThrowsAsync<NameNeededException>(() => _house.RestoreAsync(backup));
        await Assert.ThrowsAsync<NameNeededException>(() => _house.RestoreAsync(backup, "shop"));

        var run = await _house.RestoreAsync(backup, "Shop");

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.EndsWith("There is no undo copy.", run.Summary, StringComparison.Ordinal);
        Assert.Equal(Old, await LiveAsync(shop));
        Assert.Null(_home.Look(store => store.Restores.Single()).UndoBackupId);
        Assert.Null(await OfferAsync(shop));
    }

    [Fact]
    public async Task A_database_that_is_gone_is_brought_back_without_asking()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        File.Delete(shop.Location);

        Assert.Equal(RunState.Succeeded, (await _house.RestoreAsync(backup)).State);

        Assert.Equal(Old, await LiveAsync(shop));
    }

    [Fact]
    public async Task A_setting_asks_for_the_name_always()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, shop.Id, new DatabaseEdit("Shop", shop.Location, null, AlwaysAskForName: true), Cancel);

        await Assert.ThrowsAsync<NameNeededException>(() => _house.RestoreAsync(backup));

        Assert.Equal(RunState.Succeeded, (await _house.RestoreAsync(backup, " Shop ")).State);
    }

    [Fact]
    public async Task The_dashboards_own_store_is_never_replaced()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        _home.Change(store => store.Databases.Where(row => row.Id == shop.Id).ExecuteUpdate(row => row.SetProperty(database => database.IsOwnStore, true)));

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => _house.RestoreAsync(backup));

        Assert.Contains("own store", refused.Message, StringComparison.Ordinal);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task What_blocks_the_engine_is_said_before_anything_is_asked_for()
    {
        var (_, backup) = await BackUpThenWriteAsync();
        _house.Engine.Blocker = "The file is read-only. Change its rights.";

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => _house.RestoreAsync(backup));

        Assert.Equal("The file is read-only. Change its rights.", refused.Message);
        Assert.DoesNotContain(_home.Look(store => store.Runs.ToList()), run => run.Job == JobKeys.Restore);
    }

    [Fact]
    public async Task A_damaged_backup_touches_nothing_and_is_marked()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        TearUp(backup);

        var run = await _house.RestoreAsync(backup);

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("The backup is damaged:", run.Problem, StringComparison.Ordinal);
        Assert.Equal(New, await LiveAsync(shop));
        Assert.Equal(CheckLevel.Invalid, _home.Look(store => store.Backups.Single()).Level);
        Assert.Single(Directory.EnumerateFiles(_house.FolderOf(shop), "*.lines*"));
        await Assert.ThrowsAsync<DatabaseDamagedException>(() => _house.RestoreAsync(backup));
    }

    [Fact]
    public async Task A_missing_backup_file_is_named()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        File.Delete(Path.Combine(backup.Folder, backup.FileName));

        var refusal = await Assert.ThrowsAsync<DatabaseMissingException>(() => _house.RestoreAsync(backup));

        Assert.Equal($"The backup file {backup.FilePath} is missing. Bring it back, or use another backup.", refusal.Message);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Theory]
    [InlineData(nameof(EngineStep.BeforeFreeze))]
    [InlineData(nameof(EngineStep.AfterUndoCopy))]
    [InlineData(nameof(EngineStep.AfterCheckpoint))]
    public async Task A_disk_that_fills_up_before_the_commit_changes_nothing(string step)
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        _house.Engine.Strike(Enum.Parse<EngineStep>(step), new FullDisk());

        var run = await _house.RestoreAsync(backup);

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("There is no space left on the disk", run.Problem, StringComparison.Ordinal);
        await ExpectUntouchedAsync(shop);
    }

    [Theory]
    [InlineData(nameof(EngineStep.CheckCopy))]
    [InlineData(nameof(EngineStep.BeforeFreeze))]
    [InlineData(nameof(EngineStep.AfterUndoCopy))]
    [InlineData(nameof(EngineStep.AfterCheckpoint))]
    public async Task Cancelled_before_the_commit_it_changes_nothing(string step)
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var slow = new SlowStep();
        _house.Engine.Strike(Enum.Parse<EngineStep>(step), slow);
        var run = await _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel);
        await slow.Reached;

        await _house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);

        Assert.Equal(RunState.Cancelled, (await _house.EndOfAsync(run)).State);
        await ExpectUntouchedAsync(shop);
    }

    [Fact]
    public async Task A_fault_after_the_commit_says_that_the_content_was_replaced_and_keeps_the_undo()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        _house.Engine.Strike(EngineStep.AfterCommit, new FullDisk());

        var run = await _house.RestoreAsync(backup);

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("The content was replaced, and then something went wrong: There is no space left", run.Problem, StringComparison.Ordinal);
        Assert.Equal(Old, await LiveAsync(shop));
        _house.Engine.Heal(EngineStep.AfterCommit);
        Assert.Equal(RunState.Succeeded, (await UndoLastAsync(shop)).State);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task A_cancel_that_comes_after_the_commit_does_not_say_that_nothing_was_changed()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var slow = new SlowStep();
        _house.Engine.Strike(EngineStep.AfterCommit, slow);
        var run = await _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel);
        await slow.Reached;

        await _house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);
        var closed = await _house.EndOfAsync(run);

        Assert.Equal((RunState.Failed, "The content was replaced, and then something went wrong: it was stopped too late."), (closed.State, closed.Problem));
        Assert.Equal(Old, await LiveAsync(shop));
        Assert.NotNull(await OfferAsync(shop));
    }

    [Fact]
    public async Task A_database_that_can_not_be_asked_afterwards_keeps_its_undo_copy()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        _house.Engine.Strike(EngineStep.AfterCommit, new DroppedConnection());
        _house.Engine.Strike(EngineStep.Trace, new DroppedConnection());

        var run = await _house.RestoreAsync(backup);

        Assert.Equal("It can't be told whether the content was replaced: The connection was dropped.", run.Problem);
        Assert.NotNull(await OfferAsync(shop));
    }

    [Fact]
    public async Task An_undo_copy_that_can_not_be_entered_is_named_with_its_place()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        _house.Stores.Strike(new Surprise("The store is away."), () => Directory.EnumerateFiles(_house.FolderOf(shop), "shop_undo_*.json").Any(), times: 2);

        var run = await _house.RestoreAsync(backup);

        var undo = Directory.EnumerateFiles(_house.FolderOf(shop), "shop_undo_*.lines").Single();
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("could not be entered in the inventory: The store is away.", run.Problem, StringComparison.Ordinal);
        Assert.Contains(undo, run.NextStep, StringComparison.Ordinal);
        Assert.Equal(New, await File.ReadAllTextAsync(undo, Cancel));
    }

    [Fact]
    public async Task An_undo_that_fails_after_its_commit_is_not_offered_again()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        _house.Engine.Strike(EngineStep.AfterCommit, new FullDisk());

        var run = await UndoLastAsync(shop);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Equal(run.Id, _home.Look(store => store.Restores.Single(restore => !restore.IsUndo)).UndoneByRunId);
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task A_copy_stands_beside_the_live_database_which_is_not_touched()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        var run = await _house.EndOfAsync(await _house.Get<AskForRestore>().AsCopyAsync(Actor.LocalAdministrator, backup.Id, Cancel));

        Assert.Equal(RunState.Succeeded, run.State);
        var copy = Directory.EnumerateFiles(_home.Folder, "Shop.lines.restored-20261122-110000-*").Single();
        Assert.Equal(Old, await File.ReadAllTextAsync(copy, Cancel));
        Assert.Equal(New, await LiveAsync(shop));
    }

    [Fact]
    public async Task A_check_reads_all_of_it_and_takes_back_what_an_earlier_check_said()
    {
        var (_, backup) = await BackUpThenWriteAsync();
        _home.Change(store => store.Backups.ExecuteUpdate(row => row.SetProperty(one => one.Level, CheckLevel.Invalid).SetProperty(one => one.Problem, "Its checksum differed.")));

        var run = await CheckAsync(backup);

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.True(_home.Look(store => store.Backups.Single()).IsGood);
    }

    [Fact]
    public async Task A_check_does_not_make_whole_what_was_taken_with_warnings()
    {
        _house.Engine.Warnings.Add("One table was skipped.");
        var (_, backup) = await BackUpThenWriteAsync();

        await CheckAsync(backup);

        Assert.Equal("One table was skipped.", _home.Look(store => store.Backups.Single()).Problem);
    }

    [Fact]
    public async Task A_check_does_not_take_away_that_it_was_restored_for_real()
    {
        var (_, backup) = await BackUpThenWriteAsync();
        _home.Change(store => store.Backups.ExecuteUpdate(row => row.SetProperty(one => one.Level, CheckLevel.Restored)));

        await CheckAsync(backup);

        Assert.Equal(CheckLevel.Restored, _home.Look(store => store.Backups.Single()).Level);
    }

    [Fact]
    public async Task A_check_finds_a_torn_file_and_leaves_no_work_file()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        TearUp(backup);

        var run = await CheckAsync(backup);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Equal(CheckLevel.Invalid, _home.Look(store => store.Backups.Single()).Level);
        Assert.Equal(2, Directory.EnumerateFiles(_house.FolderOf(shop)).Count());
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>A backup of two orders, an hour later a third order.</summary>
    private async Task<(Database Shop, Backup Backup)> BackUpThenWriteAsync()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1", "orders 2");
        await _house.StartAsync();
        await _house.EndOfAsync(await _house.AskAsync("backup", shop));
        _home.Time.Advance(TimeSpan.FromHours(1));
        await File.WriteAllTextAsync(shop.Location, New, Cancel);
        return (shop, _home.Look(store => store.Backups.AsNoTracking().Single()));
    }

    private async Task ExpectUntouchedAsync(Database shop)
    {
        Assert.Equal(New, await LiveAsync(shop));
        Assert.Empty(_home.Look(store => store.Restores.ToList()));
        Assert.Equal(["shop_backup_20261122_100000.json", "shop_backup_20261122_100000.lines.zst"], Directory.EnumerateFiles(_house.FolderOf(shop)).Select(file => Path.GetFileName(file)).Order());
    }

    private async Task<Run> UndoLastAsync(Database shop) =>
        await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, (await OfferAsync(shop))!.RestoreId, Cancel));

    private Task<UndoOffer?> OfferAsync(Database shop) => _house.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel);

    private async Task<Run> CheckAsync(Backup backup) => await _house.EndOfAsync(await _house.Get<AskForRestore>().CheckAsync(Actor.LocalAdministrator, backup.Id, Cancel));

    private static Task<string> LiveAsync(Database shop) => File.ReadAllTextAsync(shop.Location, Cancel);

    private static void TearUp(Backup backup)
    {
        using var file = new FileStream(Path.Combine(backup.Folder, backup.FileName), FileMode.Open);
        file.SetLength(file.Length - 3);
    }
}
