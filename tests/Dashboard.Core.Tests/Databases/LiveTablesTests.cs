using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Databases;

public sealed class LiveTablesTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;
    private readonly LiveTables _tables;

    public LiveTablesTests()
    {
        _house = new House(_home);
        _tables = _house.Get<LiveTables>();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Actor Me => Actor.LocalAdministrator;

    [Fact]
    public async Task It_follows_while_somebody_looks_and_stops_with_the_last()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var one = _tables.WatchAsync(Me, shop, leave.Token).GetAsyncEnumerator(leave.Token);
        Assert.True(await one.MoveNextAsync());
        Assert.Equal(1, Rows(shop));

        await File.AppendAllLinesAsync(shop.Location, ["orders 2"], Cancel);

        // The clock of the test may run past the patience of a reading, which rings as well.
        for (var turn = 0; turn < 20 && Rows(shop) != 2; turn++)
        {
            await NextAsync(one);
        }

        Assert.Equal(2, Rows(shop));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await one.MoveNextAsync());
        await one.DisposeAsync();
        Assert.Equal(0, _tables.PollerCount);
    }

    [Fact]
    public async Task What_has_not_changed_is_not_read_again_however_many_look()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await using var one = _tables.WatchAsync(Me, shop, Cancel).GetAsyncEnumerator(Cancel);
        await using var other = _tables.WatchAsync(Me, shop, Cancel).GetAsyncEnumerator(Cancel);
        await one.MoveNextAsync();
        var next = one.MoveNextAsync().AsTask();

        for (var turn = 0; turn < 20; turn++)
        {
            _home.Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
            await _tables.ReadAsync(Me, shop, Cancel);
        }

        Assert.False(next.IsCompleted);
        Assert.Equal((1, 1), (_house.Engine.TablesRead, _tables.PollerCount));
        Assert.True(_tables.Last(shop).TriedAt > StoreFixture.Start);
        await File.AppendAllLinesAsync(shop.Location, ["orders 2"], Cancel);
        await UntilAsync(next);
    }

    [Fact]
    public async Task Without_a_mark_it_is_read_each_time()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        _house.Engine.HasMarks = false;

        await _tables.ReadAsync(Me, shop, Cancel);
        await _tables.ReadAsync(Me, shop, Cancel);

        Assert.Equal(2, _house.Engine.TablesRead);
    }

    [Fact]
    public async Task Good_tables_stay_beside_the_fault_and_it_is_over_with_the_next()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _tables.ReadAsync(Me, shop, Cancel);
        _house.Engine.Strike(EngineStep.ReadMark, new DroppedConnection());

        var broken = await _tables.ReadAsync(Me, shop, Cancel);
        _house.Engine.Heal(EngineStep.ReadMark);
        var good = await _tables.ReadAsync(Me, shop, Cancel);

        Assert.Equal("The connection was dropped.", broken.Fault!.Message);
        Assert.Single(broken.Value!.Tables);
        Assert.Null(good.Fault);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_given_up_after_five_seconds()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var slow = new SlowStep();
        _house.Engine.Strike(EngineStep.CountRows, slow);
        var reading = _tables.ReadAsync(Me, shop, Cancel);
        await slow.Reached;

        _home.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("It did not answer within 5 seconds.", (await reading).Fault!.Message);
    }

    [Fact]
    public async Task Nothing_of_another_place_is_shown()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _tables.ReadAsync(Me, shop, Cancel);

        shop.Location += ".moved";

        Assert.Null(_tables.Last(shop).Value);
    }

    [Fact]
    public async Task Only_two_exact_counts_that_differ_prove_a_change()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1", "people 1");
        await _tables.ReadAsync(Me, shop, Cancel);
        Assert.Null(_tables.Of(shop.Id, "orders").Change);

        await File.AppendAllLinesAsync(shop.Location, ["orders 2", "new 1"], Cancel);
        await _tables.ReadAsync(Me, shop, Cancel);

        Assert.NotNull(_tables.Of(shop.Id, "orders").Change);
        Assert.NotNull(_tables.Of(shop.Id, "new").Change);
        Assert.Null(_tables.Of(shop.Id, "people").Change);

        _house.Engine.CountsAreComplete = false;
        await File.AppendAllLinesAsync(shop.Location, ["people 2"], Cancel);
        await _tables.ReadAsync(Me, shop, Cancel);

        Assert.Null(_tables.Of(shop.Id, "people").Change);
    }

    [Fact]
    public async Task A_count_on_demand_is_remembered()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1", "orders 2");

        var counted = await _house.Get<CountTable>().CountAsync(Me, shop, "orders", RunProgress.None, Cancel);

        Assert.Equal((2L, counted), (counted.Value, _tables.Of(shop.Id, "orders").Counted));
        await Assert.ThrowsAsync<TableMissingException>(() => _house.Get<CountTable>().CountAsync(Me, shop, "nothing", RunProgress.None, Cancel));
    }

    [Fact]
    public async Task The_clock_may_not_look()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        await Assert.ThrowsAsync<PermissionDeniedException>(() => _tables.ReadAsync(Actor.Schedule, shop, Cancel));
        Assert.Throws<PermissionDeniedException>(() => _tables.WatchAsync(Actor.Schedule, shop, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<CountTable>().CountAsync(Actor.Schedule, shop, "orders", RunProgress.None, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<ReadTable>().ReadAsync(Actor.Schedule, shop, "orders", Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<ReadSizes>().LastAsync(Actor.Schedule, shop.Id, Cancel));
    }

    [Fact]
    public async Task The_sizes_of_the_last_backup_are_kept_in_its_manifest_and_in_the_store_and_go_with_it()
    {
        await _house.StartAsync();
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        _house.Engine.Sizes = [new StoredSize("orders", null, 4096), new StoredSize("by_day", "orders", 512)];
        var backup = await _house.BackUpAsync(shop);

        var sizes = await _house.Get<ReadSizes>().LastAsync(Me, shop.Id, Cancel);
        var manifest = await BackupManifest.FindAsync(backup, Cancel);

        Assert.Equal((4096L, 512L, 1L, backup.TakenAt), (sizes!.DataBytes("orders"), sizes.IndexBytes("orders"), sizes.RowsOf("orders"), sizes.TakenAt));
        Assert.Equal(_house.Engine.Sizes, manifest!.Value.Manifest.Sizes);

        _house.Engine.Sizes = null;
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.BackUpAsync(shop);
        Assert.Equal(backup.TakenAt, (await _house.Get<ReadSizes>().LastAsync(Me, shop.Id, Cancel))!.TakenAt);

        _home.Change(store => store.Backups.RemoveRange(store.Backups));
        Assert.Null(await _house.Get<ReadSizes>().LastAsync(Me, shop.Id, Cancel));
        Assert.Equal(0, _home.Look(store => store.Set<BackupSizes>().Count()));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private long Rows(Database database) => _tables.Last(database).Value!.Tables.Single().Rows!.Value;

    private Task NextAsync(IAsyncEnumerator<Guid> watch) => UntilAsync(watch.MoveNextAsync().AsTask());

    /// <summary>The poller may not wait yet when the clock moves: it is moved on until there is something new.</summary>
    private async Task UntilAsync(Task<bool> next)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while (!next.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            _home.Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.True(await next);
    }
}
