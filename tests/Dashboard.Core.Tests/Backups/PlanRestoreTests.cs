using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

public sealed class PlanRestoreTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public PlanRestoreTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_table_of_either_side_is_compared_and_changed_ones_come_first()
    {
        var changes = PlanRestore.Compare(
            [new("same", 5), new("grown", 10), new("dropped", 3), new("also_same", 1)],
            new RowCounts([new("same", 5), new("grown", 40), new("new", 7), new("also_same", 1)], IsComplete: true));

        Assert.Equal(["grown", "new", "dropped", "also_same", "same"], changes.Select(change => change.Table));
        Assert.Equal([-30, -7, 3, 0, 0], changes.Select(change => change.Change));
        Assert.Equal((null, 7L), (changes[1].Backup, changes[1].Now));
        Assert.Equal((3L, null), (changes[2].Backup, changes[2].Now));
    }

    [Fact]
    public void A_table_that_was_not_counted_in_time_is_not_called_dropped()
    {
        var changes = PlanRestore.Compare([new("orders", 10), new("people", 3)], new RowCounts([new("orders", 12)], IsComplete: false));

        Assert.Equal([("orders", -2L, true), ("people", null, false)], changes.Select(change => (change.Table, change.Change, change.IsNowKnown)));
    }

    [Fact]
    public void Without_any_count_nothing_is_known_to_change() =>
        Assert.All(PlanRestore.Compare([new("orders", 10)], null), change => Assert.Null(change.Change));

    [Fact]
    public async Task A_plan_says_what_comes_back_what_goes_and_that_it_can_be_undone()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        var plan = await PlanAsync(backup);

        Assert.Equal((shop.Id, TimeSpan.FromHours(1), true, true, false, null), (plan.Database.Id, plan.Age, plan.CanRun, plan.HasUndo, plan.NeedsName, plan.Blocker));
        Assert.Equal([("orders", 2L, 3L, -1L)], plan.Tables.Select(table => (table.Table, table.Backup!.Value, table.Now!.Value, table.Change!.Value)));
        Assert.Equal(TimeSpan.FromHours(24), plan.UndoFor);
        Assert.True(plan.NowIsComplete);
    }

    [Fact]
    public async Task A_plan_says_what_keeps_its_backup_from_being_good()
    {
        var (_, backup) = await BackUpThenWriteAsync();
        _home.Change(store => store.Backups.Where(row => row.Id == backup.Id).ExecuteUpdate(row => row.SetProperty(one => one.Problem, "19 rows reference missing parents.")));

        Assert.Equal(["The backup is not good: 19 rows reference missing parents."], (await PlanAsync(backup)).Warnings);
    }

    [Fact]
    public async Task A_plan_for_a_damaged_database_asks_for_the_name_and_says_that_there_is_no_undo()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await File.WriteAllTextAsync(shop.Location, FakeEngine.Damage, Cancel);
        _house.Engine.Strike(EngineStep.CountRows, new DroppedConnection());

        var plan = await PlanAsync(backup);

        Assert.Equal((true, false, true, "It can't be read.", "The connection was dropped."), (plan.CanRun, plan.HasUndo, plan.NeedsName, plan.LiveProblem, plan.NowProblem));
        Assert.All(plan.Tables, table => Assert.Null(table.Change));
    }

    [Fact]
    public async Task A_plan_with_a_missing_file_says_which()
    {
        var (_, backup) = await BackUpThenWriteAsync();
        File.Delete(Path.Combine(backup.Folder, backup.FileName));

        var plan = await PlanAsync(backup);

        Assert.False(plan.CanRun);
        Assert.Contains(backup.FileName, plan.Blocker, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_for_what_is_not_there_is_none()
    {
        Assert.Null(await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, Guid.NewGuid(), Cancel));
    }

    [Fact]
    public void A_need_that_can_not_be_met_is_known_and_one_that_can_not_be_told_is_let_through()
    {
        Assert.False(new SpaceNeed("", "/", 10, 9).IsThere);
        Assert.True(new SpaceNeed("", "/", 10, 10).IsThere);
        Assert.True(new SpaceNeed("", "/", 10, null).IsThere);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<RestorePlan> PlanAsync(Backup backup) => (await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel))!;

    private async Task<(Database Shop, Backup Backup)> BackUpThenWriteAsync()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1", "orders 2");
        await _house.StartAsync();
        var backup = await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromHours(1));
        await File.AppendAllTextAsync(shop.Location, "orders 3\n", Cancel);
        return (shop, backup);
    }
}
