namespace Dashboard.Core.Jobs;

/// <summary>Takes what a job reports, tells the feed at most five times a second, and keeps phases and lines until they are stored.</summary>
internal sealed class RunRecorder(Guid runId, LiveRun start, JobFeed feed, TimeProvider time) : RunProgress
{
    private static readonly TimeSpan FeedFloor = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BeforeTimeLeft = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLeft = TimeSpan.FromDays(100);

    private readonly Lock _gate = new();
    private readonly List<RunLine> _lines = [];
    private readonly List<RunPhase> _begun = [];
    private readonly List<RunPhase> _open = [];
    private LiveRun _live = start;
    private long _phaseBegan = time.GetTimestamp();
    private long _lastTold;

    public LiveRun Live
    {
        get
        {
            lock (_gate)
            {
                return _live;
            }
        }
    }

    public bool HasWarnings { get; private set; }

    /// <summary>When the job last said anything, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastHeard { get; private set; } = time.GetTimestamp();

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        lock (_gate)
        {
            EndPhase();
            var phase = new RunPhase { RunId = runId, Name = name, StartedAt = time.GetUtcNow() };
            _open.Add(phase);
            _begun.Add(phase);
            _phaseBegan = LastHeard = time.GetTimestamp();
            _live = _live with { Phase = name, DoneBytes = 0, TotalBytes = totalBytes, Fraction = totalBytes is > 0 ? 0 : null, BytesPerSecond = null, Left = null, CanCancel = canCancel };
            _lastTold = _phaseBegan;
        }

        feed.Progress(Live);
    }

    public override void Report(long doneBytes, long? totalBytes = null) => Tell((live, spent) =>
    {
        var total = totalBytes ?? live.TotalBytes;
        double? rate = spent > TimeSpan.FromMilliseconds(500) ? doneBytes / spent.TotalSeconds : null;
        return live with
        {
            DoneBytes = doneBytes,
            TotalBytes = total,
            Fraction = total is > 0 ? Math.Clamp((double)doneBytes / total.Value, 0, 1) : null,
            BytesPerSecond = rate,
            Left = spent >= BeforeTimeLeft ? TimeLeft(total, doneBytes, rate) : null,
        };
    });

    public override void ReportShare(double share) => Tell((live, spent) => live with
    {
        Fraction = Math.Clamp(share, 0, 1),
        Left = spent >= BeforeTimeLeft && share > 0 ? TimeSpan.FromSeconds(Math.Ceiling(spent.TotalSeconds * (1 - Math.Min(share, 1)) / share)) : null,
    });

    private void Tell(Func<LiveRun, TimeSpan, LiveRun> change)
    {
        lock (_gate)
        {
            LastHeard = time.GetTimestamp();
            _live = change(_live, time.GetElapsedTime(_phaseBegan, LastHeard));
            if (time.GetElapsedTime(_lastTold, LastHeard) < FeedFloor)
            {
                return;
            }

            _lastTold = LastHeard;
        }

        feed.Progress(Live);
    }

    public override void Log(string text, LineLevel level = LineLevel.Info)
    {
        lock (_gate)
        {
            LastHeard = time.GetTimestamp();
            HasWarnings |= level == LineLevel.Warning;
            _lines.Add(new RunLine { RunId = runId, At = time.GetUtcNow(), Level = level, Text = text });
        }
    }

    public void State(RunState state)
    {
        lock (_gate)
        {
            _live = _live with { State = state };
        }

        feed.Progress(Live);
    }

    public void Finish()
    {
        lock (_gate)
        {
            EndPhase();
        }
    }

    /// <summary>Phases that are new since the last call, and those that ended; the caller stores them.</summary>
    public (List<RunPhase> Begun, List<RunPhase> Ended, List<RunLine> Lines) Drain()
    {
        lock (_gate)
        {
            List<RunPhase> begun = [.. _begun];
            List<RunLine> lines = [.. _lines];
            _begun.Clear();
            _lines.Clear();
            var ended = _open.Where(phase => phase.EndedAt is not null).ToList();
            _open.RemoveAll(phase => phase.EndedAt is not null);
            return (begun, [.. ended.Except(begun)], lines);
        }
    }

    /// <summary>Takes back what could not be stored; the next <see cref="Drain"/> gives it again, in its order.</summary>
    public void TakeBack(List<RunPhase> begun, List<RunPhase> ended, List<RunLine> lines)
    {
        lock (_gate)
        {
            _begun.InsertRange(0, begun);
            _lines.InsertRange(0, lines);
            _open.InsertRange(0, ended);
        }
    }

    /// <summary>Null where it can't be told, or is longer than anybody waits.</summary>
    private static TimeSpan? TimeLeft(long? total, long done, double? rate) =>
        rate is > 0 && total is > 0 && Math.Max(0, total.Value - done) / rate.Value is var seconds && seconds < LongestLeft.TotalSeconds ? TimeSpan.FromSeconds(Math.Ceiling(seconds)) : null;

    private void EndPhase()
    {
        if (_open.LastOrDefault(phase => phase.EndedAt is null) is { } phase)
        {
            phase.EndedAt = time.GetUtcNow();
            phase.Bytes = _live.DoneBytes > 0 ? _live.DoneBytes : null;
        }
    }
}
