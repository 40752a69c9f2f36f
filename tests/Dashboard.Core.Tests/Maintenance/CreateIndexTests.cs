using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Maintenance;

public sealed class CreateIndexTests : IAsyncDisposable
{
    private static readonly IndexDraft Draft = new("by_date", "orders", ["date"], IsUnique: false, Where: null);

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public CreateIndexTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AskForIndex Indexes => _house.Get<AskForIndex>();

    [Fact]
    public async Task Its_effect_on_a_query_is_measured_kept_and_taken_back_with_one_click()
    {
        var shop = await StartAsync();

        var run = await _house.EndOfAsync(await Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Name = " by_date " }, "SELECT 1", Cancel));

        Assert.Equal((RunState.Succeeded, "Created by_date on orders. The query took 500 ms before and takes 2 ms now (250 times as fast). It uses the new index."), (run.State, run.Summary));
        var made = Assert.Single(await DoneAsync(shop));
        Assert.Equal(
            ["Time before: 500 ms, the middle one of 5 runs", "Plan before: scan", "Time after: 2 ms, the middle one of 5 runs", "Plan after: search"],
            made.Findings!.Split('\n'));
        Assert.Equal("by_date", (await RemovableAsync(shop))[run.Id]);

        _home.Time.Advance(TimeSpan.FromSeconds(1));
        var removed = await _house.EndOfAsync(await Indexes.AskToRemoveAsync(Actor.LocalAdministrator, shop, run.Id, Cancel));

        Assert.Equal((RunState.Succeeded, "Removed by_date from orders."), (removed.State, removed.Summary));
        Assert.Empty(_house.Engine.Indexes.Names);
        Assert.Empty(await RemovableAsync(shop));
        Assert.Equal([JobKeys.DropIndex, JobKeys.CreateIndex], (await DoneAsync(shop)).Select(record => record.Task));
    }

    [Fact]
    public async Task One_that_the_query_does_not_use_is_amber_and_one_without_a_query_is_not()
    {
        _house.Engine.Indexes.AreUsed = false;
        var shop = await StartAsync();

        var unused = await _house.EndOfAsync(await Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft, "SELECT 1", Cancel));
        var plain = await _house.EndOfAsync(await Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Name = "other" }, " ", Cancel));

        Assert.Equal((RunState.SucceededWithWarnings, "The query does not use the new index."), (unused.State, EngineLines.Sentence(unused.Problem!)));
        Assert.StartsWith("Time before:", EngineLines.Of(unused.Problem!)[0], StringComparison.Ordinal);
        Assert.EndsWith("takes 500 ms now (about the same).", unused.Summary, StringComparison.Ordinal);
        Assert.Equal((RunState.Succeeded, "Created other on orders."), (plain.State, plain.Summary));
    }

    [Fact]
    public async Task What_is_refused_is_refused_before_there_is_a_run()
    {
        var shop = await StartAsync();

        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft, "DELETE FROM orders", Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Columns = [] }, null, Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Columns = ["a", "a"] }, null, Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Name = " " }, null, Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft with { Name = new string('x', 64) }, null, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Indexes.AskAsync(Actor.Schedule, shop, Draft, null, Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => Indexes.AskToRemoveAsync(Actor.LocalAdministrator, shop, Guid.NewGuid(), Cancel));

        Assert.Empty(_home.Look(store => store.Runs.ToList()));
    }

    [Fact]
    public async Task Killed_while_it_was_made_the_next_start_says_whether_it_stands()
    {
        var reached = new TaskCompletionSource();
        _house.Engine.Indexes.AfterCreated = _ =>
        {
            reached.SetResult();
            return Task.Delay(Timeout.Infinite, Cancel);
        };
        var shop = await StartAsync();
        var run = await Indexes.AskAsync(Actor.LocalAdministrator, shop, Draft, null, Cancel);
        await reached.Task.WaitAsync(Patience.Long, Cancel);
        _house.Kill();

        await using var next = new House(_home);
        next.Engine.Indexes.Names.UnionWith(_house.Engine.Indexes.Names);
        await next.StartAsync();

        Assert.Equal("Stopped with the dashboard. The index by_date stands; its effect was not measured to the end.", (await next.EndOfAsync(run)).Summary);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10");
    }

    private async Task<IReadOnlyList<MaintenanceRecord>> DoneAsync(Database shop) =>
        (await _house.Get<ReadMaintenance>().ListDoneAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel)).Records;

    private async Task<IReadOnlyDictionary<Guid, string>> RemovableAsync(Database shop) =>
        await Indexes.FindRemovableAsync(Actor.LocalAdministrator, shop, [.. await DoneAsync(shop)], Cancel);
}
