using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Maintenance;

public sealed class RemoveOrphansTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public RemoveOrphansTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private AskForOrphans Orphans => _house.Get<AskForOrphans>();

    [Fact]
    public async Task Once_a_check_found_some_they_are_shown_removed_on_the_typed_name_and_kept_in_a_dated_file()
    {
        _house.Engine.Tasks = [new FakeTask("foreign-keys", (_, _) => Task.FromResult(new MaintenanceResult("Found 2 orphans.", "2 rows have no parent.")))];
        var shop = await StartAsync();
        Assert.Null(await Orphans.FindCheckAsync(Actor.LocalAdministrator, shop, Cancel));
        await _house.EndOfAsync(await _house.Get<AskForMaintenance>().AskAsync(Actor.LocalAdministrator, shop, "foreign-keys", null, Cancel));
        Assert.Equal("2 rows have no parent.", (await Orphans.FindCheckAsync(Actor.LocalAdministrator, shop, Cancel))?.Problem);
        _home.Time.Advance(TimeSpan.FromSeconds(1));
        var (rows, folder) = await Orphans.LookAsync(Actor.LocalAdministrator, shop, RunProgress.None, Cancel);

        await Assert.ThrowsAsync<NameNeededException>(() => Orphans.AskAsync(Actor.LocalAdministrator, shop, rows.Count, "shop2", Cancel));
        var run = await _house.EndOfAsync(await Orphans.AskAsync(Actor.LocalAdministrator, shop, rows.Count, "shop", Cancel));

        var kept = Assert.Single(Directory.GetFiles(folder));
        Assert.Matches(@"shop_removed_rows_\d{8}_\d{6}\.txt$", kept);
        Assert.Equal((RunState.Succeeded, $"Removed 2 rows of orphans. A copy of them lies in {kept}."), (run.State, run.Summary));
        Assert.Equal(["orphans 1", "orphans 2"], await File.ReadAllLinesAsync(kept, Cancel));
        Assert.Equal(["orders 10"], await File.ReadAllLinesAsync(shop.Location, Cancel));
        var (records, _) = await _house.Get<ReadMaintenance>().ListDoneAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel);
        Assert.Equal((JobKeys.RemoveOrphans, "orphans → orders: 2 rows"), (records[0].Task, records[0].Findings));
        Assert.Null(await Orphans.FindCheckAsync(Actor.LocalAdministrator, shop, Cancel));
    }

    [Fact]
    public async Task More_than_were_agreed_to_are_not_removed()
    {
        var shop = await StartAsync();

        var run = await _house.EndOfAsync(await Orphans.AskAsync(Actor.LocalAdministrator, shop, new OrphanCount(1, 0), "shop", Cancel));

        Assert.Equal((RunState.Failed, "2 rows would be removed now, and 1 were agreed to. Nothing was removed."), (run.State, run.Problem));
        Assert.Equal(3, (await File.ReadAllLinesAsync(shop.Location, Cancel)).Length);
    }

    [Fact]
    public async Task No_schedule_and_no_system_may_remove_rows()
    {
        var shop = await StartAsync();

        await Assert.ThrowsAsync<PermissionDeniedException>(() => Orphans.AskAsync(Actor.Schedule, shop, new OrphanCount(2, 0), "shop", Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.AskAsync(JobKeys.RemoveOrphans, shop, Actor.Dashboard));
    }

    [Fact]
    public async Task Killed_at_the_last_moment_the_next_start_says_where_the_copy_lies()
    {
        var reached = new TaskCompletionSource();
        _house.Engine.AfterKept = _ =>
        {
            reached.SetResult();
            return Task.Delay(Timeout.Infinite, Cancel);
        };
        var shop = await StartAsync();
        var run = await Orphans.AskAsync(Actor.LocalAdministrator, shop, new OrphanCount(2, 0), "shop", Cancel);
        await reached.Task.WaitAsync(Patience.Long, Cancel);
        _house.Kill();

        await using var next = await new House(_home).StartAsync();
        var ended = await next.EndOfAsync(run);

        Assert.Equal(RunState.Interrupted, ended.State);
        Assert.Equal($"Stopped with the dashboard at the last moment: either all of these rows are gone, or none. A copy of them lies in {Assert.Single(Directory.GetFiles(next.FolderOf(shop)))}.", ended.Summary);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10", "orphans 1", "orphans 2");
    }
}
