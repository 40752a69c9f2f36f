using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Maintenance;

public sealed class RunMaintenanceTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public RunMaintenanceTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_and_after_are_measured_and_kept()
    {
        _house.Engine.Tasks = [new FakeTask("shrink", Shrink)];
        var shop = await StartAsync();

        var run = await RunAsync(shop, "shrink");

        var (records, total) = await _house.Get<ReadMaintenance>().ListDoneAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel);
        var record = Assert.Single(records);
        Assert.Equal((1, run.Id, "shrink", 20L, 10L, 0.5), (total, record.RunId, record.Task, record.SizeBefore, record.SizeAfter, record.SavedShare));
        Assert.Equal((RunState.Succeeded, "Shrunk. 20 B → 10 B: gave back 50 %."), (run.State, run.Summary));
        Assert.Equal(run.Id, Assert.Single(await _house.Get<ReadMaintenance>().ListAsync(Actor.LocalAdministrator, shop, Cancel)).Last?.RunId);
    }

    [Fact]
    public async Task What_is_refused_is_not_run_and_says_why()
    {
        _house.Engine.Tasks = [new FakeTask("shrink", Shrink) { Outlook = MaintenanceOutlook.Refused("There is no room.", "Make some.") }];
        var shop = await StartAsync();

        var run = await RunAsync(shop, "shrink");

        Assert.Equal((RunState.Failed, "There is no room.", "Make some."), (run.State, run.Problem, run.NextStep));
        Assert.Equal(20, new FileInfo(shop.Location).Length);
    }

    [Fact]
    public async Task One_that_takes_the_database_away_wants_its_name_and_is_not_among_all()
    {
        _house.Engine.Tasks = [new FakeTask("all-stop", Shrink) { Warning = "Everybody waits." }];
        var shop = await StartAsync();
        var ask = _house.Get<AskForMaintenance>();

        await Assert.ThrowsAsync<NameNeededException>(() => ask.AskAsync(Actor.LocalAdministrator, shop, "all-stop", null, Cancel));
        await Assert.ThrowsAsync<NameNeededException>(() => ask.AskAsync(Actor.LocalAdministrator, shop, "all-stop", "shop2", Cancel));
        var all = await _house.EndOfAsync(await ask.AskAsync(Actor.LocalAdministrator, shop, null, null, Cancel));
        var byClock = await _house.EndOfAsync(await _house.Get<AskForRun>().AskAsync(Actor.Schedule, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments("all-stop"), Cancel, (Guid.NewGuid(), _home.Time.GetUtcNow())));
        var typed = await _house.EndOfAsync(await ask.AskAsync(Actor.LocalAdministrator, shop, "all-stop", "shop", Cancel));

        Assert.Equal((RunState.Succeeded, RunState.Failed, RunState.Succeeded), (all.State, byClock.State, typed.State));
        Assert.Equal(10, new FileInfo(shop.Location).Length);
    }

    [Fact]
    public async Task Cancelled_in_the_second_of_all_it_says_that_the_first_is_done()
    {
        var reached = new TaskCompletionSource();
        _house.Engine.Tasks =
        [
            new FakeTask("first", Shrink),
            new FakeTask("second", async (_, cancelled) =>
            {
                reached.SetResult();
                await Task.Delay(Timeout.Infinite, cancelled);
                return new MaintenanceResult("");
            }),
        ];
        var shop = await StartAsync();
        var run = await _house.Get<AskForMaintenance>().AskAsync(Actor.LocalAdministrator, shop, null, null, Cancel);
        await reached.Task.WaitAsync(Patience.Long, Cancel);

        await _house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);
        var ended = await _house.EndOfAsync(run);

        Assert.Equal((RunState.Cancelled, "Cancelled by Local administrator. Done before: first."), (ended.State, ended.Summary));
        Assert.Equal(1, (await _house.Get<ReadMaintenance>().ListDoneAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel)).Total);
    }

    [Fact]
    public async Task Aimed_at_one_thing_it_is_done_to_that_and_named_after_it()
    {
        _house.Engine.Tasks = [new FakeAimedTask("rebuild", Shrink, target => new MaintenanceResult($"Built {target}.")), new FakeTask("shrink", Shrink)];
        var shop = await StartAsync();
        var ask = _house.Get<AskForMaintenance>();
        var target = Assert.Single(await _house.Get<ReadMaintenance>().ListTargetsAsync(Actor.LocalAdministrator, shop, "rebuild", Cancel));

        var run = await _house.EndOfAsync(await ask.AskAsync(Actor.LocalAdministrator, shop, "rebuild", null, Cancel, target.Key));
        var whole = await _house.EndOfAsync(await ask.AskAsync(Actor.LocalAdministrator, shop, "shrink", null, Cancel, target.Key));

        Assert.Equal((RunState.Succeeded, "Built index a{b}."), (run.State, run.Summary));
        Assert.Equal("rebuild shop: index a{b}", (await _house.Get<ReadRuns>().FindAsync(Actor.LocalAdministrator, run.Id, Cancel))!.Run.Title);
        Assert.Equal((RunState.Failed, "“shrink” is always done to the whole database."), (whole.State, whole.Problem));
        Assert.Equal("""{"Task":"shrink"}""", Core.Schedules.SetSchedule.Write(new MaintenanceArguments("shrink")));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static async Task<MaintenanceResult> Shrink(string location, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(location, "orders 10\n", cancellationToken);
        return new MaintenanceResult("Shrunk.");
    }

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10", "orders 11");
    }

    private async Task<Run> RunAsync(Database database, string task) =>
        await _house.EndOfAsync(await _house.Get<AskForMaintenance>().AskAsync(Actor.LocalAdministrator, database, task, null, Cancel));
}
