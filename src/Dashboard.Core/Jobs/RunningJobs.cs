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

        entry.CancelledBy = by;
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

    internal sealed class Entry(RunRecorder recorder, CancellationTokenSource stop)
    {
        public RunRecorder Recorder { get; } = recorder;

        public CancellationTokenSource Stop { get; } = stop;

        public string? CancelledBy { get; set; }
    }
}
