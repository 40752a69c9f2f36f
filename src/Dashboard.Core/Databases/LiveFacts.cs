using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dashboard.Core.Access;

namespace Dashboard.Core.Databases;

/// <summary>What is known of something in a database now.</summary>
/// <param name="Value">The last good answer; it stays while a newer one can't be had.</param>
/// <param name="Fault">Why the last reading failed; null when it did not.</param>
/// <param name="TriedAt">When it was last asked; an answer of before then still holds when nothing has changed.</param>
public sealed record LiveReading<T>(T? Value, Exception? Fault, DateTimeOffset? TriedAt)
    where T : class;

/// <summary>
/// Follows something in databases while somebody looks. What has not changed is not read again, several who look share one reading,
/// and one database that is slow, locked or gone costs the others nothing. Nobody looks: nothing is read.
/// </summary>
public abstract class LiveFacts<T>(EngineCatalog engines, TimeProvider time) : IDisposable
    where T : class
{
    /// <summary>A change is on the screen within five seconds: twice this and the time of a reading.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Known> _known = new();
    private readonly Dictionary<Guid, Poller> _pollers = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots = new(4);

    private static LiveReading<T> Nothing { get; } = new(null, null, null);

    /// <summary>Databases that are followed now; for tests that nothing is left over.</summary>
    public int PollerCount
    {
        get
        {
            lock (_gate)
            {
                return _pollers.Count;
            }
        }
    }

    public LiveReading<T> Last(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return _known.TryGetValue(database.Id, out var known) && known.Location == database.Location ? known.Reading : Nothing;
    }

    /// <summary>The newest answer: the last one where nothing has changed since.</summary>
    public async Task<LiveReading<T>> ReadAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        return await ReadAsync(database, cancellationToken);
    }

    /// <summary>Yields when there is something new; the reader asks <see cref="Last"/> for it.</summary>
    public IAsyncEnumerable<Guid> WatchAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        return WatchAsync(database, cancellationToken);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var poller in _pollers.Values)
            {
                poller.Stop.Cancel();
            }

            _pollers.Clear();
        }

        _slots.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<T> ReadAsync(IDatabaseEngine engine, string location, CancellationToken cancellationToken);

    /// <summary>Hears of each new answer, with the one before it.</summary>
    protected virtual void Took(Database database, T? before, T now)
    {
    }

    private async IAsyncEnumerable<Guid> WatchAsync(Database database, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bell = Channel.CreateBounded<Guid>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        Join(database, bell);
        try
        {
            await foreach (var changed in bell.Reader.ReadAllAsync(cancellationToken))
            {
                yield return changed;
            }
        }
        finally
        {
            Leave(database.Id, bell);
        }
    }

    private async Task<LiveReading<T>> ReadAsync(Database database, CancellationToken cancellationToken)
    {
        var before = _known.TryGetValue(database.Id, out var known) && known.Location == database.Location ? known : new Known(database.Location, null, Nothing);
        var now = time.GetUtcNow();
        using var late = new CancellationTokenSource(Patience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        Known after;
        try
        {
            // The mark comes first: what changes between it and the reading is read once more.
            var engine = engines.For(database);
            var mark = await engine.ReadMarkAsync(database.Location, patience.Token);
            if (mark is not null && mark == before.Mark && before.Reading is { Value: not null, Fault: null })
            {
                after = before with { Reading = before.Reading with { TriedAt = now } };
            }
            else
            {
                var value = await ReadAsync(engine, database.Location, patience.Token);
                after = new Known(database.Location, mark, new LiveReading<T>(value, null, now));
                Took(database, before.Reading.Value, value);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var fault = new DatabaseBusyException($"It did not answer within {Patience.TotalSeconds:0} seconds.", "Somebody may hold it locked, or its disk is slow.");
            after = before with { Reading = before.Reading with { Fault = fault, TriedAt = now } };
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            after = before with { Reading = before.Reading with { Fault = fault, TriedAt = now } };
        }

        _known[database.Id] = after;
        return after.Reading;
    }

    private void Join(Database database, Channel<Guid> bell)
    {
        lock (_gate)
        {
            if (_pollers.TryGetValue(database.Id, out var poller) && poller.Location == database.Location)
            {
                poller.Bells.Add(bell);
                return;
            }

            var bells = poller?.Bells ?? [];
            poller?.Stop.Cancel();
            bells.Add(bell);
            var fresh = new Poller(database.Location, bells, new CancellationTokenSource());
            _pollers[database.Id] = fresh;
            _ = PollAsync(database, fresh);
        }
    }

    private void Leave(Guid databaseId, Channel<Guid> bell)
    {
        lock (_gate)
        {
            if (_pollers.TryGetValue(databaseId, out var poller) && poller.Bells.Remove(bell) && poller.Bells.Count == 0)
            {
                _pollers.Remove(databaseId);
                poller.Stop.Cancel();
            }
        }
    }

    private async Task PollAsync(Database database, Poller poller)
    {
        var stop = poller.Stop.Token;
        LiveReading<T>? shown = null;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await _slots.WaitAsync(stop);
                LiveReading<T> reading;
                try
                {
                    reading = await ReadAsync(database, stop);
                }
                finally
                {
                    _slots.Release();
                }

                // Silent while nothing is new; what fails rings each time, because its age is shown.
                if (shown is null || reading.Fault is not null || shown.Fault is not null || !ReferenceEquals(reading.Value, shown.Value))
                {
                    Ring(database.Id, poller);
                }

                shown = reading;
                await Task.Delay(Interval, time, stop);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private void Ring(Guid databaseId, Poller poller)
    {
        lock (_gate)
        {
            foreach (var bell in poller.Bells)
            {
                bell.Writer.TryWrite(databaseId);
            }
        }
    }

    private sealed record Known(string Location, string? Mark, LiveReading<T> Reading);

    private sealed record Poller(string Location, List<Channel<Guid>> Bells, CancellationTokenSource Stop);
}
