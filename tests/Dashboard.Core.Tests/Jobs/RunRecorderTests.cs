using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Jobs;

public sealed class RunRecorderTests
{
    private readonly JobFeed _feed = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RunRecorder _recorder;

    public RunRecorderTests()
    {
        var start = new LiveRun(Guid.NewGuid(), "backup", "Back up Shop", Subject.Installation, "", RunState.Running, "Starting", null, 0, null, null, null, true, false, null);
        _recorder = new RunRecorder(start.Id, start, _feed, _time);
        _feed.Begin(start);
    }

    private LiveRun Told => _feed.Snapshot().Runs[0];

    [Fact]
    public void The_feed_hears_at_most_five_times_a_second()
    {
        _recorder.Phase("Copying", 1000);

        _recorder.Report(100);
        Assert.Equal(0, Told.DoneBytes);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        _recorder.Report(200);

        Assert.Equal((200, 0.2), (Told.DoneBytes, Told.Fraction));
    }

    [Fact]
    public void Time_left_is_told_after_five_seconds()
    {
        _recorder.Phase("Copying", 1000);

        _time.Advance(TimeSpan.FromSeconds(4));
        _recorder.Report(400);
        Assert.Null(_recorder.Live.Left);
        _time.Advance(TimeSpan.FromSeconds(1));
        _recorder.Report(500);

        Assert.Equal((100.0, TimeSpan.FromSeconds(5)), (_recorder.Live.BytesPerSecond, _recorder.Live.Left));
    }

    [Fact]
    public void More_than_the_total_is_done_and_nothing_is_left()
    {
        _recorder.Phase("Copying", 1000);
        _time.Advance(TimeSpan.FromSeconds(10));

        _recorder.Report(1500);

        Assert.Equal((1.0, TimeSpan.Zero), (_recorder.Live.Fraction, _recorder.Live.Left));
    }

    [Fact]
    public void A_crawl_has_no_time_left_rather_than_a_fault()
    {
        _recorder.Phase("Copying", long.MaxValue);
        _time.Advance(TimeSpan.FromSeconds(10));

        _recorder.Report(1);

        Assert.Null(_recorder.Live.Left);
    }

    [Fact]
    public void A_phase_ends_the_one_before_it()
    {
        _recorder.Phase("Copying");
        _recorder.Report(10);
        _time.Advance(TimeSpan.FromSeconds(3));
        _recorder.Phase("Publishing", canCancel: false);

        var (begun, _, _) = _recorder.Drain();

        Assert.Equal(["Copying", "Publishing"], begun.Select(phase => phase.Name));
        Assert.Equal((TimeSpan.FromSeconds(3), 10L), (begun[0].EndedAt - begun[0].StartedAt, begun[0].Bytes));
        Assert.Null(begun[1].EndedAt);
        Assert.False(_recorder.Live.CanCancel);
    }

    [Fact]
    public void What_could_not_be_stored_comes_again_in_its_order()
    {
        _recorder.Phase("Copying");
        _recorder.Drain();
        _recorder.Log("one");
        _recorder.Phase("Publishing");
        var (begun, ended, lines) = _recorder.Drain();
        _recorder.Log("two");

        _recorder.TakeBack(begun, ended, lines);

        var again = _recorder.Drain();
        Assert.Equal(["Publishing"], again.Begun.Select(phase => phase.Name));
        Assert.Equal(["Copying"], again.Ended.Select(phase => phase.Name));
        Assert.Equal(["one", "two"], again.Lines.Select(line => line.Text));
        Assert.Equal((0, 0, 0), Sizes(_recorder.Drain()));
    }

    [Fact]
    public async Task Lines_from_eight_threads_are_all_kept()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (number, _) =>
        {
            _recorder.Log($"line {number}");
            _recorder.Report(number);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(1000, _recorder.Drain().Lines.Count);
    }

    private static (int Begun, int Ended, int Lines) Sizes((List<RunPhase> Begun, List<RunPhase> Ended, List<RunLine> Lines) drained) => (drained.Begun.Count, drained.Ended.Count, drained.Lines.Count);
}
