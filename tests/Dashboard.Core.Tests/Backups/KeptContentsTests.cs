using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

/// <summary>An engine that keeps the live database itself, under another name, as the undo of a restore.</summary>
public sealed class KeptContentsTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public KeptContentsTests()
    {
        _house = new House(_home);
        _house.Engine.KeepsBeside = true;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_there_is_kept_beside_and_comes_back_with_an_undo_that_can_be_undone()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);

        var kept = Assert.Single(await ListAsync(shop));
        Assert.Equal(("orders 1\n", _home.Time.GetUtcNow().AddHours(24)), (await LiveAsync(shop), kept.Until));
        Assert.Empty(_home.Look(store => store.Backups.Where(row => row.Kind == BackupKind.Undo).ToList()));

        _home.Time.Advance(TimeSpan.FromHours(1));
        var undone = await UndoLastAsync(shop);

        Assert.Equal(RunState.Succeeded, undone.State);
        Assert.Equal("orders 1\norders 2\n", await LiveAsync(shop));
        Assert.NotEqual(kept.Place, Assert.Single(await ListAsync(shop)).Place);

        _home.Time.Advance(TimeSpan.FromHours(1));
        await UndoLastAsync(shop);

        Assert.Equal("orders 1\n", await LiveAsync(shop));
    }

    [Fact]
    public async Task It_is_removed_when_its_time_is_over_and_the_undo_with_it()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);

        _home.Time.Advance(TimeSpan.FromHours(23));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);
        Assert.Single(await ListAsync(shop));
        Assert.NotNull(await OfferAsync(shop));

        _home.Time.Advance(TimeSpan.FromHours(2));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Empty(await ListAsync(shop));
        Assert.Null(await OfferAsync(shop));
        Assert.NotNull(_home.Look(store => store.Restores.AsNoTracking().Single()).KeptDroppedAt);
        Assert.True(_house.Engine.Sweeps > 0);
    }

    [Fact]
    public async Task Dropped_on_the_server_it_ends_its_undo_at_the_next_look()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var kept = Assert.Single(await ListAsync(shop));
        File.Delete(kept.Place.Name);

        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Null(await OfferAsync(shop));
        Assert.NotNull(_home.Look(store => store.Restores.AsNoTracking().Single()).KeptDroppedAt);
    }

    [Fact]
    public async Task Dropped_just_before_the_undo_it_is_named_and_nothing_is_changed()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var kept = Assert.Single(await ListAsync(shop));
        var live = await LiveAsync(shop);
        var offer = (await OfferAsync(shop))!;
        File.Delete(kept.Place.Name);

        var run = await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, offer.RestoreId, Cancel));

        Assert.Equal((RunState.Failed, live), (run.State, await LiveAsync(shop)));
        Assert.Equal($"The previous database {kept.Place.Name} no longer exists: it was deleted or dropped. This restore can't be undone.", run.Problem);
        Assert.Null(await OfferAsync(shop));
        await Assert.ThrowsAnyAsync<DatabaseException>(() => _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, offer.RestoreId, Cancel));
    }

    [Fact]
    public async Task By_hand_it_is_removed_only_with_the_name_typed()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var kept = Assert.Single(await ListAsync(shop));

        await Assert.ThrowsAsync<NameNeededException>(() => _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, shop, kept.Place, "shop!", Cancel));
        Assert.Single(await ListAsync(shop));
        await _house.Get<KeptContents>().DropAsync(Actor.LocalAdministrator, shop, kept.Place, "Shop", Cancel);

        Assert.Empty(await ListAsync(shop));
        Assert.Null(await OfferAsync(shop));
    }

    [Fact]
    public async Task One_server_that_does_not_answer_does_not_keep_the_others()
    {
        var (shop, backup) = await BackUpThenWriteAsync();
        await _house.RestoreAsync(backup);
        var other = await _house.RegisterAsync("Other", "orders 1");
        await _house.RestoreAsync(await _house.BackUpAsync(other));
        _house.Engine.Strike(EngineStep.DropKept, new DroppedConnection(), shop.Location);

        _home.Time.Advance(TimeSpan.FromHours(25));
        await _house.Get<KeptContents>().DropExpiredAsync(Cancel);

        Assert.Single(await ListAsync(shop));
        Assert.Empty(await ListAsync(other));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<(Database Shop, Backup Backup)> BackUpThenWriteAsync()
    {
        await _house.StartAsync();
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var backup = await _house.BackUpAsync(shop);
        await File.AppendAllTextAsync(shop.Location, "orders 2\n", Cancel);
        return (shop, backup);
    }

    private Task<IReadOnlyList<KeptRow>> ListAsync(Database shop) => _house.Get<KeptContents>().ListAsync(Actor.LocalAdministrator, shop, Cancel);

    private Task<UndoOffer?> OfferAsync(Database shop) => _house.Get<ReadBackups>().FindUndoAsync(Actor.LocalAdministrator, shop.Id, Cancel);

    private async Task<Run> UndoLastAsync(Database shop) =>
        await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Actor.LocalAdministrator, (await OfferAsync(shop))!.RestoreId, Cancel));

    private static Task<string> LiveAsync(Database shop) => File.ReadAllTextAsync(shop.Location, Cancel);
}
