using Dashboard.Core.Access;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Jobs;

/// <summary>A cancel that comes too late is told to whoever asked for it, in the log and in the result.</summary>
public sealed class LateCancelTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly List<House> _houses = [];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(JobKeys.Restore, "You can undo the restore when it has finished.")]
    [InlineData(JobKeys.RestoreForeign, "You can undo the restore when it has finished.")]
    [InlineData(JobKeys.Undo, "You can redo the restore when this has finished.")]
    [InlineData(JobKeys.Backup, "The backup is kept; you can delete it when it has finished.")]
    [InlineData(JobKeys.Maintenance, "It changes no rows, and can't be undone.")]
    [InlineData(JobKeys.RemoveOrphans, "The change stays and can't be undone by a click.")]
    [InlineData(JobKeys.Retention, "The change stays and can't be undone by a click.")]
    [InlineData(JobKeys.RestoreCopy, "The new database is kept; you can remove it when this has finished.")]
    [InlineData(JobKeys.Health, "It changes no data.")]
    [InlineData("script", "Its result stays.")]
    public void A_phase_that_cannot_be_stopped_says_so_for_its_kind(string job, string after)
    {
        var said = CancelWords.CannotStop(job, "Committing");

        Assert.Equal($"“Committing” can't be stopped. {after}", said);
        Assert.Equal(job is JobKeys.Restore or JobKeys.RestoreForeign, said.Contains("undo the restore", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cancel_in_a_phase_that_cannot_be_stopped_is_in_the_log_and_in_the_result()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(async (context, cancellationToken) =>
        {
            context.Progress.Phase("Publishing", canCancel: false);
            await slow.StrikeAsync(cancellationToken);
            return RunOutcome.Succeeded("Played.");
        });
        await slow.Reached;

        var refused = await CancelAsync(house, run);
        var again = await CancelAsync(house, run);
        slow.LetGo();
        var closed = await house.EndOfAsync(run);

        Assert.Equal("“Publishing” can't be stopped. Its result stays.", refused);
        Assert.Equal(refused, again);
        Assert.Equal((RunState.Succeeded, "Played. A cancel by Local administrator came too late."), (closed.State, closed.Summary));
        Assert.Equal(["Local administrator requested a cancel, which came too late: “Publishing” can't be stopped. Its result stays."], Lines(run));
    }

    [Fact]
    public async Task A_cancel_that_the_work_had_passed_already_is_in_the_log_and_in_the_result()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(async (context, _) =>
        {
            context.Progress.Phase("Copying");
            await slow.StrikeAsync(CancellationToken.None);
            context.Progress.Phase("Committing", canCancel: false);
            return RunOutcome.WithWarnings("Played.", "One note was wrong.");
        });
        await slow.Reached;

        var refused = await CancelAsync(house, run);
        slow.LetGo();
        var closed = await house.EndOfAsync(run);

        Assert.Null(refused);
        Assert.Equal((RunState.SucceededWithWarnings, "Played. A cancel by Local administrator came too late."), (closed.State, closed.Summary));
        Assert.Equal(["Local administrator requested a cancel during “Copying”. It came too late: the run had passed the last point at which it can be stopped."], Lines(run));
    }

    [Fact]
    public async Task A_cancel_before_a_failure_is_told_with_it()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(async (_, _) =>
        {
            await slow.StrikeAsync(CancellationToken.None);
            throw new IOException("The disk is gone.");
        });
        await slow.Reached;

        await CancelAsync(house, run);
        slow.LetGo();
        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.Failed, "Failed. The disk is gone. A cancel by Local administrator came too late."), (closed.State, closed.Summary));
    }

    [Fact]
    public async Task A_cancel_from_another_process_that_comes_too_late_is_told_and_stops_nothing()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(
            async (context, cancellationToken) =>
            {
                context.Progress.Phase("Publishing", canCancel: false);
                await slow.StrikeAsync(cancellationToken);
                return RunOutcome.Succeeded("Played.");
            },
            new HurriedTime());
        await slow.Reached;
        var other = new House(_home, jobs: new ScriptedJob((_, _) => Task.FromResult(RunOutcome.Succeeded(""))));
        _houses.Add(other);

        await CancelAsync(other, run);
        await foreach (var _ in house.Feed.WatchAsync(TimeSpan.FromMilliseconds(10), Now))
        {
            // It is told when lines can be read.
            if (Lines(run).Count > 0)
            {
                break;
            }
        }

        slow.LetGo();
        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.Succeeded, "Played. A cancel by another window came too late."), (closed.State, closed.Summary));
    }

    [Fact]
    public async Task A_run_that_was_stopped_in_time_says_nothing_of_too_late()
    {
        var slow = new SlowStep();
        var (house, run) = await AskAsync(async (_, cancellationToken) =>
        {
            await slow.StrikeAsync(cancellationToken);
            return RunOutcome.Succeeded("Played.");
        });
        await slow.Reached;

        await CancelAsync(house, run);
        var closed = await house.EndOfAsync(run);

        Assert.Equal((RunState.Cancelled, "Cancelled by Local administrator. Nothing was changed."), (closed.State, closed.Summary));
        Assert.Empty(Lines(run));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in _houses)
        {
            await house.DisposeAsync();
        }

        _home.Dispose();
    }

    private async Task<(House House, Run Run)> AskAsync(Func<RunContext, CancellationToken, Task<RunOutcome>> script, TimeProvider? time = null)
    {
        var house = new House(_home, time, jobs: new ScriptedJob(script));
        _houses.Add(house);
        var run = await house.AskAsync("script", await house.RegisterAsync("Shop", "orders 1"));
        await house.StartAsync();
        return (house, run);
    }

    private static Task<string?> CancelAsync(House house, Run run) => house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Now);

    private List<string> Lines(Run run) => [.. _home.Look(store => store.RunLines.Where(line => line.RunId == run.Id).OrderBy(line => line.Id).ToList()).Select(line => line.Text)];
}
