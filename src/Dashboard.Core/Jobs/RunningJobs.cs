using System.Collections.Concurrent;

namespace Dashboard.Core.Jobs;

/// <summary>The runs that this process works on now, and how to stop each.</summary>
public sealed class RunningJobs
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();

    internal Entry Add(Guid runId, RunRecorder recorder, CancellationToken stopping)
    {
        var entry = new Entry(recorder, CancellationTokenSource.CreateLinkedTokenSource(stopping));
        _entries[runId] = entry;
        return entry;
    }

    internal void Remove(Guid runId)
    {
        if (_entries.TryRemove(runId, out var entry))
        {
            entry.Stop.Dispose();
        }
    }

    internal bool Cancel(Guid runId, string by)
    {
        if (!_entries.TryGetValue(runId, out var entry))
        {
            return false;
        }

        // The page may have shown a phase that could be stopped; this is the one that runs now.
        if (!entry.Recorder.Live.CanCancel)
        {
            return TellLate(runId, by);
        }

        (entry.CancelledBy, entry.CancelledIn) = (by, entry.Recorder.Live.Phase);
        entry.Recorder.State(RunState.Cancelling);
        try
        {
            entry.Stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return false;
        }

        return true;
    }

    /// <summary>Writes into the log of a run that it can't be stopped any more, once for each who asked; its result says so too.</summary>
    internal bool TellLate(Guid runId, string by)
    {
        if (!_entries.TryGetValue(runId, out var entry))
        {
            return false;
        }

        if (entry.LateBy.TryAdd(by, 0))
        {
            entry.Recorder.Log(CancelWords.Refused(by, entry.Recorder.Live.Job, entry.Recorder.Live.Phase));
        }

        return true;
    }

    internal sealed class Entry(RunRecorder recorder, CancellationTokenSource stop)
    {
        public RunRecorder Recorder { get; } = recorder;

        public CancellationTokenSource Stop { get; } = stop;

        public string? CancelledBy { get; set; }

        /// <summary>The phase that ran then.</summary>
        public string? CancelledIn { get; set; }

        /// <summary>Who wanted to cancel when it could not be stopped any more.</summary>
        public ConcurrentDictionary<string, byte> LateBy { get; } = new();
    }
}
