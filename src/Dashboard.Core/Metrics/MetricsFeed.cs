using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Dashboard.Core.Metrics;

/// <param name="Version">Rises whenever samples were stored.</param>
/// <param name="At">The moment of the newest round; null before the first one.</param>
public sealed record MetricsRound(long Version, DateTimeOffset? At);

/// <summary>Tells any number of watchers that there are new samples. A watcher has a bell of one slot: a slow one neither waits for nor fills a queue.</summary>
public sealed class MetricsFeed
{
    private readonly ConcurrentDictionary<Channel<byte>, byte> _bells = new();
    private MetricsRound _last = new(0, null);

    /// <summary>For tests that nobody is left over.</summary>
    public int WatcherCount => _bells.Count;

    public MetricsRound Last => Volatile.Read(ref _last);

    /// <summary>Yields the present state at once and then after new samples, never faster than <paramref name="floor"/>.</summary>
    public async IAsyncEnumerable<MetricsRound> WatchAsync(TimeSpan floor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bell = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _bells[bell] = 0;
        try
        {
            yield return Last;
            while (await bell.Reader.WaitToReadAsync(cancellationToken))
            {
                bell.Reader.TryRead(out _);
                yield return Last;
                await Task.Delay(floor, cancellationToken);
            }
        }
        finally
        {
            _bells.TryRemove(bell, out _);
        }
    }

    /// <summary>Only the round stores samples, so there is one writer.</summary>
    internal void Stored(DateTimeOffset at)
    {
        Volatile.Write(ref _last, new MetricsRound(Last.Version + 1, at));
        foreach (var bell in _bells.Keys)
        {
            bell.Writer.TryWrite(0);
        }
    }
}
