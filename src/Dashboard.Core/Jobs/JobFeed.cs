using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Jobs;

/// <summary>A run that is queued or running, as a bar shows it.</summary>
/// <param name="Fraction">0 to 1 of the phase, null while it can't be told.</param>
/// <param name="BytesPerSecond">Null until there is enough to go by.</param>
/// <param name="Left">Time left of the phase; null in its first five seconds.</param>
public sealed record LiveRun(
    Guid Id,
    string Job,
    string Title,
    Subject Subject,
    string AskedBy,
    RunState State,
    string Phase,
    double? Fraction,
    long DoneBytes,
    long? TotalBytes,
    double? BytesPerSecond,
    TimeSpan? Left,
    bool CanCancel,
    bool Writes,
    DateTimeOffset? StartedAt);

/// <param name="Version">Rises when anything but progress changed: a run was asked for or ended, a backup or a database came or went. Pages load anew when it does.</param>
public sealed record FeedSnapshot(IReadOnlyList<LiveRun> Runs, long Version)
{
    public static FeedSnapshot Empty { get; } = new([], 0);

    public IEnumerable<LiveRun> Of(Subject subject) => Runs.Where(run => run.Subject == subject);
}

/// <summary>
/// What goes on now, for any number of watchers. A watcher has a bell of one slot: a slow browser
/// neither holds back a run nor grows a queue, and the last state always arrives.
/// </summary>
public sealed class JobFeed
{
    private readonly ConcurrentDictionary<Guid, LiveRun> _runs = new();
    private readonly ConcurrentDictionary<Channel<byte>, byte> _bells = new();
    private readonly ConcurrentDictionary<Guid, byte> _announced = new();
    private long _version;

    public int WatcherCount => _bells.Count;

    public FeedSnapshot Snapshot()
    {
        // The version is read first: a change between the two reads rings again, so nothing is missed.
        var version = Interlocked.Read(ref _version);
        return new FeedSnapshot([.. _runs.Values.OrderBy(run => run.StartedAt ?? DateTimeOffset.MaxValue).ThenBy(run => run.Id)], version);
    }

    public LiveRun? Find(Guid id) => _runs.GetValueOrDefault(id);

    /// <summary>A run that is being stored for this process; <see cref="Queue"/> follows, and disposing ends it.</summary>
    internal IDisposable Announce(Guid id)
    {
        _announced[id] = 0;
        return new Announcement(this, id);
    }

    /// <summary>Whether a run was requested here, and not by a process that has ended.</summary>
    internal bool IsRequestedHere(Guid id) => _announced.ContainsKey(id) || _runs.ContainsKey(id);

    /// <summary>How far a run is. One that has ended stays ended, whatever a late thread still reports.</summary>
    public void Progress(LiveRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        while (_runs.TryGetValue(run.Id, out var known) && known != run)
        {
            if (_runs.TryUpdate(run.Id, run, known))
            {
                Ring();
                return;
            }
        }
    }

    /// <summary>A run that waits. A worker may have begun it already; what that says is newer.</summary>
    public void Queue(LiveRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _runs.TryAdd(run.Id, run);
        Changed();
    }

    public void Begin(LiveRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _runs[run.Id] = run;
        Changed();
    }

    public void End(Guid id)
    {
        _runs.TryRemove(id, out _);
        Changed();
    }

    /// <summary>Something that lists show is different.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _version);
        Ring();
    }

    /// <summary>Yields the present state at once and then after changes, never faster than <paramref name="floor"/>.</summary>
    public async IAsyncEnumerable<FeedSnapshot> WatchAsync(TimeSpan floor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bell = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _bells[bell] = 0;
        try
        {
            yield return Snapshot();
            while (await bell.Reader.WaitToReadAsync(cancellationToken))
            {
                bell.Reader.TryRead(out _);
                yield return Snapshot();
                await Task.Delay(floor, cancellationToken);
            }
        }
        finally
        {
            _bells.TryRemove(bell, out _);
        }
    }

    private void Ring()
    {
        foreach (var bell in _bells.Keys)
        {
            bell.Writer.TryWrite(0);
        }
    }

    private sealed class Announcement(JobFeed feed, Guid id) : IDisposable
    {
        public void Dispose() => feed._announced.TryRemove(id, out _);
    }
}
