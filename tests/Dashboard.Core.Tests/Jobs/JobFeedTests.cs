using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Jobs;

public sealed class JobFeedTests
{
    private readonly JobFeed _feed = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watcher_hears_the_present_state_at_once()
    {
        _feed.Begin(Live(done: 7));
        await using var watcher = _feed.WatchAsync(TimeSpan.Zero, Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await watcher.MoveNextAsync());

        Assert.Equal(7, Assert.Single(watcher.Current.Runs).DoneBytes);
    }

    [Fact]
    public async Task The_last_state_always_arrives()
    {
        var run = Live(0);
        _feed.Begin(run);
        var seen = LastSeenAsync(snapshot => snapshot.Runs is [{ DoneBytes: 10_000 }]);

        for (var done = 1; done <= 10_000; done++)
        {
            _feed.Progress(run with { DoneBytes = done });
        }

        Assert.Equal(10_000, (await seen).Runs[0].DoneBytes);
    }

    [Fact]
    public async Task A_slow_watcher_gets_the_newest_state_and_no_queue()
    {
        var run = Live(0);
        _feed.Begin(run);
        await using var watcher = _feed.WatchAsync(TimeSpan.Zero, Cancel).GetAsyncEnumerator(Cancel);
        await watcher.MoveNextAsync();

        for (var done = 1; done <= 1000; done++)
        {
            _feed.Progress(run with { DoneBytes = done });
        }

        await watcher.MoveNextAsync();
        var caughtUp = watcher.Current;
        var next = watcher.MoveNextAsync();

        Assert.Equal(1000, caughtUp.Runs[0].DoneBytes);
        Assert.False(next.IsCompleted);
        _feed.End(run.Id);
        Assert.True(await next);
        Assert.Empty(watcher.Current.Runs);
    }

    [Fact]
    public async Task Watchers_that_leave_are_forgotten()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watchers = Enumerable.Range(0, 20).Select(_ => CountAsync(leave.Token)).ToList();
        Assert.Equal(20, _feed.WatcherCount);

        await leave.CancelAsync();

        await Task.WhenAll(watchers);
        Assert.Equal(0, _feed.WatcherCount);
    }

    [Fact]
    public void The_version_rises_with_what_lists_show_and_not_with_progress()
    {
        var run = Live(0);
        var versions = new List<long> { _feed.Snapshot().Version };

        _feed.Begin(run);
        versions.Add(_feed.Snapshot().Version);
        _feed.Progress(run with { DoneBytes = 1 });
        versions.Add(_feed.Snapshot().Version);
        _feed.End(run.Id);
        versions.Add(_feed.Snapshot().Version);

        Assert.Equal([0, 1, 1, 2], versions);
    }

    [Fact]
    public void A_late_report_does_not_bring_an_ended_run_back()
    {
        var recorder = new RunRecorder(Guid.NewGuid(), Live(0), _feed, new FakeTimeProvider());
        _feed.Begin(recorder.Live);
        _feed.End(recorder.Live.Id);

        recorder.Phase("Too late");
        recorder.State(RunState.Cancelling);
        recorder.Report(5, 10);

        Assert.Empty(_feed.Snapshot().Runs);
    }

    [Fact]
    public async Task A_hundred_runs_from_eight_threads_leave_nothing_behind()
    {
        var seen = LastSeenAsync(snapshot => snapshot is { Version: >= 200, Runs.Count: 0 });

        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, (number, _) =>
        {
            var run = Live(number);
            _feed.Begin(run);
            _feed.Progress(run with { DoneBytes = number + 1 });
            _feed.End(run.Id);
            return ValueTask.CompletedTask;
        });

        Assert.Empty((await seen).Runs);
    }

    private static LiveRun Live(long done) => new(Guid.NewGuid(), "backup", "Back up Shop", Subject.Installation, "", RunState.Running, "Copying", null, done, null, null, null, true, false, null);

    private async Task<FeedSnapshot> LastSeenAsync(Func<FeedSnapshot, bool> isLast)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience.Long);
        await foreach (var snapshot in _feed.WatchAsync(TimeSpan.FromMilliseconds(1), patience.Token))
        {
            if (isLast(snapshot))
            {
                return snapshot;
            }
        }

        throw new TimeoutException();
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _feed.WatchAsync(TimeSpan.Zero, cancellationToken))
            {
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
