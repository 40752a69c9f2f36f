using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Jobs;

public sealed class AskForRunTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public AskForRunTests() => _house = new House(_home, jobs: [
        ScriptedJob.Waiting(new SlowStep()),
        new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded(""))) { Key = "vacuum", Writes = true },
    ]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_leaves_a_queued_row_and_tells_the_feed()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        var run = await _house.AskAsync("backup", shop);

        var row = _house.Read(run);
        Assert.Equal((RunState.Queued, "Local administrator", StoreFixture.Start), (row.State, row.AskedBy, row.QueuedAt));
        var live = Assert.Single(_house.Feed.Snapshot().Runs);
        Assert.Equal((run.Id, "Back up Shop", RunState.Queued), (live.Id, live.Title, live.State));
    }

    [Fact]
    public async Task Ten_clicks_at_once_are_one_backup()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        var runs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => _house.AskAsync("backup", shop), Cancel)));

        Assert.Single(runs.Select(run => run.Id).Distinct());
        Assert.Single(_home.Look(store => store.Runs.ToList()));
        Assert.Single(_house.Feed.Snapshot().Runs);
    }

    [Fact]
    public async Task Backups_of_two_databases_are_two_runs()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var blog = await _house.RegisterAsync("Blog", "posts 1");

        Assert.NotEqual((await _house.AskAsync("backup", shop)).Id, (await _house.AskAsync("backup", blog)).Id);
    }

    [Fact]
    public async Task A_second_writer_is_refused_with_the_name_of_the_first()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var first = await _house.AskAsync("vacuum", shop);

        var refused = await Assert.ThrowsAsync<RunConflictException>(() => _house.AskAsync("restore", shop));

        Assert.Equal(first.Id, refused.OtherRun);
        Assert.Equal("“Play Shop” is not finished yet. Wait for it, or cancel it, then try again.", refused.Message);
    }

    [Fact]
    public async Task Of_ten_writers_at_once_one_wins_and_nine_are_told()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        var asked = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => OrConflictAsync(_house.AskAsync("vacuum", shop)), Cancel)));

        var winner = Assert.Single(asked, one => one.Run is not null).Run!;
        Assert.All(asked.Where(one => one.Run is null), one => Assert.Equal(winner.Id, one.Conflict!.OtherRun));
    }

    [Fact]
    public async Task A_backup_beside_a_writer_is_allowed()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _house.AskAsync("vacuum", shop);

        await _house.AskAsync("backup", shop);

        Assert.Equal(2, _home.Look(store => store.Runs.Count()));
    }

    [Fact]
    public async Task A_due_time_of_a_schedule_is_one_run_even_when_the_first_has_ended()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var slot = (Guid.NewGuid(), StoreFixture.Start.AddHours(-1));
        var first = await _house.Get<AskForRun>().AskAsync(Actor.Schedule, "backup", shop.Subject, null, Cancel, slot);
        _home.Change(store => store.Runs.Single().State = RunState.Succeeded);

        var second = await _house.Get<AskForRun>().AskAsync(Actor.Schedule, "backup", shop.Subject, null, Cancel, slot);

        Assert.Equal(first.Id, second.Id);
        Assert.Single(_home.Look(store => store.Runs.ToList()));
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("undo")]
    [InlineData("restore-copy")]
    [InlineData("check-backup")]
    public async Task The_schedule_may_ask_for_nothing_but_backups(string job)
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.AskAsync(job, shop, Actor.Schedule));

        Assert.Empty(_home.Look(store => store.Runs.ToList()));
    }

    [Fact]
    public async Task A_stranger_may_ask_for_nothing()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.AskAsync("backup", shop, new Actor("Mallory", ActorKind.Person)));
    }

    [Fact]
    public async Task A_job_that_this_build_does_not_have_is_refused()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _house.Get<AskForRun>().AskAsync(Actor.LocalAdministrator, "paint", Subject.Installation, null, Cancel));

        Assert.Contains("no job called 'paint'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_ends_before_the_feed_hears_of_it_does_not_stay_in_it()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var feed = _house.Feed;
        var live = new LiveRun(Guid.NewGuid(), "backup", "Back up Shop", shop.Subject, "", RunState.Running, "", null, 0, null, null, null, true, false, StoreFixture.Start);

        feed.Begin(live);
        feed.Queue(live with { State = RunState.Queued });

        Assert.Equal(RunState.Running, feed.Find(live.Id)!.State);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static async Task<(Run? Run, RunConflictException? Conflict)> OrConflictAsync(Task<Run> asked)
    {
        try
        {
            return (await asked, null);
        }
        catch (RunConflictException conflict)
        {
            return (null, conflict);
        }
    }
}
