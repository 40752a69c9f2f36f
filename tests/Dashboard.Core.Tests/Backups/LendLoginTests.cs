using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

/// <summary>A login that is given for one restore: what it is good for, and when nothing of it is left.</summary>
public sealed class LendLoginTests : IAsyncDisposable
{
    private const string Canary = "canary-4711";

    private static readonly Login Keeper = new(FakeEngine.Key, "fake:1", "keeper", Canary);

    private readonly StoreFixture _home = new();
    private House _house;

    public LendLoginTests() => _house = NewHouse();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_restores_with_undo_what_the_registered_login_can_only_replace()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        var plan = (await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel))!;
        var lent = (await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel, Keeper))!;
        var run = await RestoreAsync(backup, Keeper);

        Assert.Equal((true, false, true, "me may not make databases."), (plan.WantsLogin, plan.HasUndo, plan.NeedsName, plan.CopyBlocker));
        Assert.Equal((false, true, false, null), (lent.WantsLogin, lent.HasUndo, lent.NeedsName, lent.CopyBlocker));
        Assert.Equal((RunState.Succeeded, "orders 1\n"), (run.State, await LiveAsync(shop)));
        Assert.StartsWith("locked:", _home.Look(store => store.LentLogins.Single()).Secret, StringComparison.Ordinal);
        ExpectNoCanary();
    }

    [Fact]
    public async Task Without_it_the_restore_in_place_stays_with_the_name_typed()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        await Assert.ThrowsAsync<NameNeededException>(() => _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel));
        var run = await _house.RestoreAsync(backup, "Shop");

        Assert.Equal((RunState.Succeeded, "orders 1\n"), (run.State, await LiveAsync(shop)));
        Assert.Empty(_house.Engine.DoneAs);
    }

    [Fact]
    public async Task Undo_and_the_clock_use_it_until_nothing_is_kept_and_then_it_is_gone()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);

        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);
        var undone = await UndoAsync(shop);
        Assert.Equal((RunState.Succeeded, "orders 1\norders 2\n"), (undone.State, await LiveAsync(shop)));
        Assert.Equal(1, Lent());

        _home.Time.Advance(TimeSpan.FromHours(25));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Empty(await _house.Engine.ListKeptAsync(shop.Location, Cancel));
        Assert.Equal(0, Lent());
        Assert.Equal(["plan", "restore", "plan", "restore", "drop"], _house.Engine.DoneAs.Select(done => done.Split(' ')[0]));
        ExpectNoCanary();
    }

    [Fact]
    public async Task Removed_by_hand_what_was_there_takes_it_along()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);

        await _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, shop, (await _house.Engine.ListKeptAsync(shop.Location, Cancel))[0].Place, "Shop", Cancel);

        Assert.Equal(0, Lent());
    }

    [Fact]
    public async Task When_it_does_not_work_any_more_undo_and_removal_say_so_and_take_another()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);
        var changed = Keeper with { Password = Canary + "-new" };
        _house.Engine.Keeper = changed;
        _home.Time.Advance(TimeSpan.FromHours(1));

        var refused = await Assert.ThrowsAsync<LoginRefusedException>(() => UndoAsync(shop));
        Assert.Equal("The password of keeper was refused.", refused.Message);
        Assert.Equal(RunState.Succeeded, (await UndoAsync(shop, changed)).State);
        Assert.Equal("orders 1\norders 2\n", await LiveAsync(shop));
        Assert.Equal(1, Lent());

        _house.Engine.Keeper = Keeper;
        var kept = (await _house.Engine.ListKeptAsync(shop.Location, Cancel))[0].Place;
        await Assert.ThrowsAsync<LoginRefusedException>(() => _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, shop, kept, "Shop", Cancel));
        await _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, shop, kept, "Shop", Cancel, Keeper);

        Assert.Empty(await _house.Engine.ListKeptAsync(shop.Location, Cancel));
        Assert.Equal(0, Lent());
        ExpectNoCanary();
    }

    [Fact]
    public async Task Once_it_is_erased_an_undo_asks_for_it()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);
        _home.Change(store => store.LentLogins.RemoveRange(store.LentLogins));

        var refused = await Assert.ThrowsAsync<LoginRefusedException>(() => UndoAsync(shop));

        Assert.Contains("no longer kept", refused.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Succeeded, (await UndoAsync(shop, Keeper)).State);
    }

    [Fact]
    public async Task For_a_copy_it_is_gone_with_the_run()
    {
        var (shop, backup) = await BackUpThenWriteAsync();

        var run = await _house.EndOfAsync(await _house.Get<AskForRestore>().AsCopyAsync(Actor.LocalAdministrator, backup.Id, Cancel, login: Keeper));

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.Equal(0, Lent());
    }

    [Fact]
    public async Task Where_nothing_was_begun_or_it_failed_nothing_of_it_is_left()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var slow = new SlowStep();
        _house.Engine.Strike(EngineStep.BeforeFreeze, slow);
        var first = await AskAsync(backup, Keeper);
        await slow.Reached;
        await Assert.ThrowsAsync<RunConflictException>(() => AskAsync(backup, Keeper));
        Assert.Equal(1, Lent());

        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);
        Assert.Equal(1, Lent());

        _house.Engine.Strike(EngineStep.BeforeFreeze, new DroppedConnection());
        slow.LetGo();
        await _house.EndOfAsync(first);
        Assert.Equal(RunState.Failed, (await _house.EndOfAsync(await AskAsync(backup, Keeper))).State);
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        // What is left is of the first, which can be undone.
        Assert.Equal(1, Lent());
        _home.Time.Advance(TimeSpan.FromHours(25));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);
        Assert.Equal(0, Lent());
    }

    [Fact]
    public async Task After_a_kill_it_is_there_for_the_look_at_what_is_left_and_for_the_undo()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var run = await KillAsync(backup, EngineStep.AfterCommit);

        var closed = await _house.EndOfAsync(run);
        Assert.Equal("The content had been replaced when the dashboard was stopped. It can be undone.", closed.Summary);
        Assert.Equal(RunState.Succeeded, (await UndoAsync(shop)).State);
        Assert.Equal("orders 1\norders 2\n", await LiveAsync(shop));
        ExpectNoCanary();
    }

    [Fact]
    public async Task After_a_kill_before_anything_was_changed_what_it_was_building_is_removed_as_it_and_then_it_is_erased()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var run = await KillAsync(backup, EngineStep.BeforeFreeze);

        Assert.Equal("Stopped with the dashboard before anything was changed.", (await _house.EndOfAsync(run)).Summary);
        Assert.False(File.Exists(shop.Location + ".unfinished"));
        Assert.Equal(["sweep as keeper"], _house.Engine.DoneAs);
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Equal(0, Lent());
    }

    [Fact]
    public async Task After_a_kill_the_run_is_closed_though_the_login_is_gone()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        var run = await KillAsync(backup, EngineStep.AfterCommit, () => _home.Change(store => store.LentLogins.RemoveRange(store.LentLogins)));

        Assert.Equal("The content had been replaced when the dashboard was stopped. It can be undone.", (await _house.EndOfAsync(run)).Summary);
        await Assert.ThrowsAsync<LoginRefusedException>(() => UndoAsync(shop));
        Assert.Equal(RunState.Succeeded, (await UndoAsync(shop, Keeper)).State);
    }

    [Fact]
    public async Task What_could_not_be_removed_at_the_start_the_clock_removes_as_it()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);
        await File.WriteAllTextAsync(shop.Location + ".unfinished", "", Cancel);

        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.False(File.Exists(shop.Location + ".unfinished"));
    }

    [Fact]
    public async Task With_the_database_it_goes()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await RestoreAsync(backup, Keeper);

        await _house.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, shop.Id, Cancel);
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Equal(0, Lent());
    }

    [Fact]
    public async Task Only_who_may_restore_can_try_one()
    {
        var (shop, _) = await BackUpThenWriteAsync();
        var lend = _house.Get<LendLogin>();

        await Assert.ThrowsAsync<PermissionDeniedException>(() => lend.CheckAsync(Actor.Dashboard, shop.Id, "keeper", Canary, Cancel));
        Assert.Equal(Keeper, (await lend.CheckAsync(Actor.LocalAdministrator, shop.Id, "keeper", Canary, Cancel)).Login);
        Assert.Equal(LocationVerdict.Refused, (await lend.CheckAsync(Actor.LocalAdministrator, shop.Id, "keeper", "wrong", Cancel)).Verdict);
        Assert.DoesNotContain(Canary, Keeper.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private House NewHouse()
    {
        var house = new House(_home);
        (house.Engine.KeepsBeside, house.Engine.Keeper) = (true, Keeper);
        return house;
    }

    private async Task<(Database Shop, Backup Backup)> BackUpThenWriteAsync()
    {
        await _house.StartAsync();
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var backup = await _house.BackUpAsync(shop);
        await File.AppendAllTextAsync(shop.Location, "orders 2\n", Cancel);
        return (shop, backup);
    }

    private Task<Run> AskAsync(Backup backup, Login login) => _house.Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, null, Cancel, login: login);

    private async Task<Run> RestoreAsync(Backup backup, Login login) => await _house.EndOfAsync(await AskAsync(backup, login));

    private async Task<Run> UndoAsync(Database shop, Login? login = null)
    {
        // What is set aside is named by the second.
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        return await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, (await _house.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel))!.RestoreId, Cancel, login));
    }

    /// <summary>The next start stands in the place of the process that was killed.</summary>
    private async Task<Run> KillAsync(Backup backup, EngineStep step, Action? meanwhile = null)
    {
        var kill = new KilledProcess();
        _house.Engine.Strike(step, kill);
        var run = await AskAsync(backup, Keeper);
        await kill.Reached;
        _house.Kill();
        meanwhile?.Invoke();
        _house = NewHouse();
        await _house.StartAsync();
        return run;
    }

    private int Lent() => _home.Look(store => store.LentLogins.Count());

    /// <summary>In nothing that the store keeps of runs, logins and restores.</summary>
    private void ExpectNoCanary() => Assert.DoesNotContain(
        Canary,
        _home.Look(store => JsonSerializer.Serialize(new object[] { store.Runs.ToList(), store.RunLines.ToList(), store.RunPhases.ToList(), store.Restores.ToList(), store.LentLogins.ToList(), store.Logins.ToList(), store.Databases.ToList() })),
        StringComparison.Ordinal);

    private static Task<string> LiveAsync(Database shop) => File.ReadAllTextAsync(shop.Location, Cancel);
}
