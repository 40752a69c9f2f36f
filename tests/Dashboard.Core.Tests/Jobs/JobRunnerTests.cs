using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Jobs;

public sealed class JobRunnerTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly List<House> _houses = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_succeeds_says_so_with_its_times()
    {
        var (house, run) = await AskAsync(new ScriptedJob((_, _) => Task.FromResult(RunOutcome.WithWarnings("Played.", "One note was wrong.", "Practise."))));

        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.SucceededWithWarnings, "Played.", "One note was wrong.", "Practise."), (closed.State, closed.Summary, closed.Problem, closed.NextStep));
        Assert.Equal((StoreFixture.Start, StoreFixture.Start), (closed.StartedAt, closed.EndedAt));
        Assert.Equal((1, null), (closed.Epoch, closed.LeaseUntil));
        Assert.Empty(house.Feed.Snapshot().Runs);
    }

    [Fact]
    public async Task A_run_that_fails_says_what_is_wrong_and_what_to_do()
    {
        var (house, run) = await AskAsync(ScriptedJob.Waiting(new DroppedConnection()));

        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.Failed, "Failed. The connection was dropped.", "The connection was dropped.", "Try again."), (closed.State, closed.Summary, closed.Problem, closed.NextStep));
        Assert.Equal([(LineLevel.Error, "The connection was dropped.")], Lines(run));
    }

    [Fact]
    public async Task A_surprise_closes_its_run_and_the_next_one_runs()
    {
        var isFirst = true;
        var (house, run) = await AskAsync(new ScriptedJob((_, _) => isFirst ? throw new InvalidOperationException("Oops.") : Task.FromResult(RunOutcome.Succeeded("Played."))));
        Assert.Equal(RunState.Failed, (await house.EndOfAsync(run)).State);

        isFirst = false;

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(await house.AskAsync("script", DatabaseOf(run)))).State);
    }

    [Fact]
    public async Task A_waiting_run_that_is_cancelled_never_begins()
    {
        var slow = new SlowStep();
        var (house, first) = await AskAsync(ScriptedJob.Waiting(slow));
        await slow.Reached;
        var second = await house.AskAsync("script", DatabaseOf(first));

        var refused = await CancelAsync(house, second);
        slow.LetGo();
        await house.EndOfAsync(first);

        Assert.Null(refused);
        var closed = _home.Look(store => store.Runs.Single(row => row.Id == second.Id));
        Assert.Equal((RunState.Cancelled, "Cancelled by Local administrator before it began.", null), (closed.State, closed.Summary, closed.StartedAt));
        Assert.Empty(house.Feed.Snapshot().Runs);
    }

    [Fact]
    public async Task A_running_run_that_is_cancelled_cleans_up_and_says_who()
    {
        var slow = new SlowStep();
        var isClean = false;
        var (house, run) = await AskAsync(new ScriptedJob(async (_, cancellationToken) =>
        {
            try
            {
                await slow.StrikeAsync(cancellationToken);
                return RunOutcome.Succeeded("");
            }
            finally
            {
                isClean = true;
            }
        }));
        await slow.Reached;

        Assert.Null(await CancelAsync(house, run));
        var closed = await house.EndOfAsync(run);

        Assert.True(isClean);
        Assert.Equal((RunState.Cancelled, "Cancelled by Local administrator. Nothing was changed."), (closed.State, closed.Summary));
        Assert.Equal("The run has ended already.", await CancelAsync(house, run));
    }

    [Fact]
    public async Task A_run_past_the_point_of_no_return_can_not_be_cancelled()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(new ScriptedJob(async (context, cancellationToken) =>
        {
            context.Progress.Phase("Publishing", canCancel: false);
            await slow.StrikeAsync(cancellationToken);
            return RunOutcome.Succeeded("Played.");
        }));
        await slow.Reached;

        var refused = await CancelAsync(house, run);
        slow.LetGo();

        Assert.Equal("“Publishing” can't be stopped. Its result stays.", refused);
        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task A_cancel_from_another_process_is_heard()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(ScriptedJob.Waiting(slow), new HurriedTime());
        await slow.Reached;
        var other = Open(null, ScriptedJob.Waiting(slow));

        var refused = await CancelAsync(other, run);

        Assert.Null(refused);
        Assert.Equal(RunState.Cancelled, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task A_stranger_may_not_cancel()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(ScriptedJob.Waiting(slow));
        await slow.Reached;

        await Assert.ThrowsAsync<PermissionDeniedException>(() => house.Get<CancelRun>().CancelAsync(Actor.Schedule, run.Id, Cancel));

        slow.LetGo();
        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task A_shutdown_interrupts_what_runs_and_leaves_what_waits()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(ScriptedJob.Waiting(slow));
        await slow.Reached;
        var waiting = await house.AskAsync("script", DatabaseOf(run));

        await house.StopAsync();

        Assert.Equal((RunState.Interrupted, "Stopped with the dashboard. Nothing was changed."), (house.Read(run).State, house.Read(run).Summary));
        Assert.Equal(RunState.Queued, house.Read(waiting).State);
    }

    [Fact]
    public async Task Phases_and_lines_are_stored_while_it_runs_and_the_page_hears_when_they_can_be_read()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(
            new ScriptedJob(async (context, cancellationToken) =>
            {
                context.Progress.Phase("Copying", 100);
                context.Progress.Report(100);
                context.Progress.Phase("Checking");
                context.Progress.Warn("One table was skipped.");
                await slow.StrikeAsync(cancellationToken);
                return RunOutcome.Succeeded("Played.");
            }));
        await slow.Reached;
        await using var page = house.Feed.WatchAsync(TimeSpan.Zero, Cancel).GetAsyncEnumerator(Cancel);
        await page.MoveNextAsync();
        var next = page.MoveNextAsync().AsTask();
        using var patience = new CancellationTokenSource(Patience.Long);
        while (!next.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            _home.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal([(LineLevel.Warning, "One table was skipped.")], Lines(run));
        slow.LetGo();
        await house.EndOfAsync(run);
        var details = await house.Get<ReadRuns>().FindAsync(Actor.LocalAdministrator, run.Id, Cancel);
        Assert.Equal([("Copying", 100L), ("Checking", null)], details!.Phases.Select(phase => (phase.Name, phase.Bytes)));
        Assert.All(details.Phases, phase => Assert.NotNull(phase.EndedAt));
        Assert.Equal("Play Shop", details.Run.Title);
    }

    [Fact]
    public async Task As_many_run_at_once_as_there_are_workers()
    {
        var steps = new Dictionary<Guid, SlowStep>();
        var house = Open(null, new ScriptedJob(async (context, cancellationToken) =>
        {
            await steps[context.Run.SubjectId].StrikeAsync(cancellationToken);
            return RunOutcome.Succeeded("");
        }));
        List<Run> runs = [];
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            var database = await house.RegisterAsync(name, "t 1");
            steps[database.Id] = new SlowStep();
            runs.Add(await house.AskAsync("script", database));
        }

        await house.StartAsync();
        await Task.WhenAll(steps[runs[0].SubjectId].Reached, steps[runs[1].SubjectId].Reached, steps[runs[2].SubjectId].Reached);

        Assert.Equal(3, _home.Look(store => store.Runs.Count(run => run.State == RunState.Running)));
        Assert.Equal(RunState.Queued, house.Read(runs[3]).State);
        foreach (var step in steps.Values)
        {
            step.LetGo();
        }

        foreach (var run in runs)
        {
            Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
        }
    }

    [Fact]
    public async Task Three_hundred_at_the_same_minute_run_each_once()
    {
        var played = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        var house = Open(null, new ScriptedJob((context, _) =>
        {
            played.Add(context.Run.Id);
            return Task.FromResult(RunOutcome.Succeeded(""));
        }));
        var runs = Enumerable.Range(0, 300).Select(_ => NewRun()).ToList();
        _home.Change(store => store.Runs.AddRange(runs));
        var last = new Run { Id = Guid.CreateVersion7(), Job = "script", SubjectKind = SubjectKind.Installation, SubjectId = Guid.Empty, AskedBy = "", DueAt = StoreFixture.Start.AddHours(1), QueuedAt = StoreFixture.Start, Writes = false };
        _home.Change(store => store.Runs.Add(last));

        await house.StartAsync();
        await house.EndOfAsync(last);
        await house.StopAsync();

        Assert.Equal(runs.Append(last).Select(run => run.Id).Order(), played.Order());
        Assert.All(_home.Look(store => store.Runs.ToList()), run => Assert.Equal((RunState.Succeeded, 1), (run.State, run.Epoch)));
    }

    [Fact]
    public async Task What_another_process_asked_for_is_picked_up()
    {
        var house = await Open(new HurriedTime(), new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded("Played.")))).StartAsync();
        var run = NewRun();

        _home.Change(store => store.Runs.Add(run));

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_does_not_hold_a_waiting_run()
    {
        var house = Open(null, new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded("Played."))));
        var run = await house.AskAsync("script", await house.RegisterAsync("Shop", "orders 1"));
        _home.Change(store => store.Runs.Where(row => row.Id == run.Id).ExecuteUpdate(row => row.SetProperty(r => r.DueAt, StoreFixture.Start.AddHours(1))));

        await house.StartAsync();

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
    }

    [Fact]
    public async Task A_store_that_fails_at_the_end_is_asked_again_and_nothing_is_lost()
    {
        var isDone = false;
        var (house, run) = await AskAsync(
            new ScriptedJob((context, _) =>
            {
                context.Progress.Phase("Playing");
                context.Progress.Log("The last note.");
                isDone = true;
                return Task.FromResult(RunOutcome.Succeeded("Played."));
            }),
            new HurriedTime(),
            beforeStart: house => house.Stores.Strike(new FullDisk(), () => isDone, times: 3));

        var closed = await house.EndOfAsync(run);

        Assert.Equal(3, house.Stores.Strikes);
        Assert.Equal(RunState.Succeeded, closed.State);
        Assert.Equal([(LineLevel.Info, "The last note.")], Lines(run));
        Assert.Equal(["Playing"], _home.Look(store => store.RunPhases.Where(phase => phase.RunId == run.Id).Select(phase => phase.Name).ToList()));
    }

    [Fact]
    public async Task A_store_that_fails_while_lines_are_written_loses_none()
    {
        var openings = 0;
        var isDone = false;
        var fullDisk = TestStore.RefuseInserts("run_lines");
        var (house, run) = await AskAsync(
            new ScriptedJob((context, _) =>
            {
                _home.Change(store => store.Database.ExecuteSqlRaw(fullDisk.Begin));
                context.Progress.Phase("Playing");
                context.Progress.Log("one");
                context.Progress.Log("two");
                isDone = true;
                return Task.FromResult(RunOutcome.Succeeded("Played."));
            }),
            new HurriedTime(),
            house => house.Stores.Strike(new Meanwhile(() => _home.Change(store => store.Database.ExecuteSqlRaw(fullDisk.End))), () => isDone && ++openings == 2));

        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.Succeeded, 1), (closed.State, house.Stores.Strikes));
        Assert.Equal(["one", "two"], Lines(run).Select(line => line.Text));
        Assert.Single(_home.Look(store => store.RunPhases.Where(phase => phase.RunId == run.Id).ToList()));
    }

    [Fact]
    public async Task A_store_that_fails_just_after_a_claim_leaves_no_run_without_its_worker()
    {
        var (house, run) = await AskAsync(
            new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded("Played."))),
            beforeStart: house => house.Stores.Strike(new FullDisk(), () => _home.Look(store => store.Runs.Any(row => row.State == RunState.Running))));

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
        Assert.Equal(1, house.Stores.Strikes);
    }

    [Fact]
    public async Task A_store_that_can_not_be_opened_for_a_while_does_not_end_the_pool()
    {
        var house = await Open(new HurriedTime(), new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded("Played.")))).StartAsync();
        var run = NewRun();
        await house.EndOfAsync(await house.AskAsync("script", await house.RegisterAsync("Shop", "orders 1")));

        house.Stores.Strike(new Surprise("The store is away."), () => true, times: 5);
        _home.Change(store => store.Runs.Add(run));

        Assert.Equal(RunState.Succeeded, (await house.EndOfAsync(run)).State);
        Assert.Equal(5, house.Stores.Strikes);
    }

    [Fact]
    public async Task A_checkpoint_is_stored_and_refused_once_the_run_was_taken_over()
    {
        var (house, run) = await AskAsync(new ScriptedJob(async (context, _) =>
        {
            await context.CheckpointAsync("half");
            _home.Change(store => store.Runs.Where(row => row.Id == context.Run.Id).ExecuteUpdate(row => row.SetProperty(r => r.Epoch, 9)));
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.CheckpointAsync("whole"));
            _home.Change(store => store.Runs.Where(row => row.Id == context.Run.Id).ExecuteUpdate(row => row.SetProperty(r => r.Epoch, 1)));
            return RunOutcome.Succeeded("Played.");
        }));

        Assert.Equal((RunState.Succeeded, "half"), ((await house.EndOfAsync(run)).State, house.Read(run).Checkpoint));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in _houses)
        {
            await house.DisposeAsync();
        }

        _home.Dispose();
    }

    private House Open(TimeProvider? time, IJob job)
    {
        var house = new House(_home, time, options => options.Workers = 3, jobs: job);
        _houses.Add(house);
        return house;
    }

    private async Task<(House House, Run Run)> AskAsync(IJob job, TimeProvider? time = null, Action<House>? beforeStart = null)
    {
        var house = new House(_home, time, jobs: job);
        _houses.Add(house);
        var shop = await house.RegisterAsync("Shop", "orders 1");
        var run = await house.AskAsync("script", shop);
        beforeStart?.Invoke(house);
        await house.StartAsync();
        return (house, run);
    }

    private static Task<string?> CancelAsync(House house, Run run) => house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);

    private Database DatabaseOf(Run run) => _home.Look(store => store.Databases.Single(database => database.Id == run.SubjectId));

    private List<(LineLevel Level, string Text)> Lines(Run run) =>
        [.. _home.Look(store => store.RunLines.Where(line => line.RunId == run.Id).OrderBy(line => line.Id).ToList()).Select(line => (line.Level, line.Text))];

    private static Run NewRun() => new()
    {
        Id = Guid.CreateVersion7(),
        Job = "script",
        SubjectKind = SubjectKind.Database,
        SubjectId = Guid.NewGuid(),
        AskedBy = "Another process",
        DueAt = StoreFixture.Start,
        QueuedAt = StoreFixture.Start,
        Writes = false,
    };
}
