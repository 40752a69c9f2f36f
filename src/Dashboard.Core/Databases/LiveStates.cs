using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Dashboard.Core.Databases;

/// <summary>What is known of a database now.</summary>
/// <param name="State">The last good numbers; they stay while newer ones can't be had.</param>
/// <param name="Problem">Why the last reading failed; null when it did not.</param>
/// <param name="TriedAt">When it was last asked.</param>
public sealed record DatabaseReading(DatabaseState? State, string? Problem, string? NextStep, DateTimeOffset? TriedAt)
{
    /// <summary>Whether the problem is that it can't be relied upon, so that a backup is what helps.</summary>
    public bool IsDamaged { get; init; }

    public static DatabaseReading None { get; } = new(null, null, null, null);
}

/// <summary>
/// Reads the numbers of databases while somebody looks at them, each on its own, so that one that is slow, locked or gone
/// costs the others nothing. Nobody looks: nothing is read.
/// </summary>
public sealed class LiveStates(EngineCatalog engines, TimeProvider time) : IDisposable
{
    /// <summary>A change in the file is on the screen within five seconds: twice this and the time of a reading.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A timer counts whole milliseconds and may come that much before its time; a round must not be read twice.</summary>
    private static readonly TimeSpan AfterTheTick = TimeSpan.FromMilliseconds(5);

    /// <summary>Fifty files are read in less, so they are one picture for whoever watches, not fifty.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, DatabaseReading> _readings = new();
    private readonly Dictionary<Guid, Poller> _pollers = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots = new(8);

    /// <summary>Databases that are being read now; for tests that nothing is left over.</summary>
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

    public DatabaseReading Last(Guid databaseId) => _readings.GetValueOrDefault(databaseId, DatabaseReading.None);

    /// <summary>Takes over what somebody else has read, so that a page knows how a database stands that nobody looks at.</summary>
    public void Heard(Guid databaseId, DatabaseState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _readings[databaseId] = new DatabaseReading(state, null, null, state.ReadAt);
    }

    /// <summary>The same of a reading that failed: the last good numbers stay.</summary>
    public void Heard(Guid databaseId, DatabaseException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        _readings[databaseId] = Last(databaseId) with { Problem = fault.Message, NextStep = fault.NextStep, IsDamaged = fault is DatabaseDamagedException, TriedAt = time.GetUtcNow() };
    }

    /// <summary>Reads one database now, whatever the interval.</summary>
    public async Task<DatabaseReading> ReadAsync(Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        var before = Last(database.Id);
        var now = time.GetUtcNow();
        DatabaseReading reading;
        try
        {
            using var late = new CancellationTokenSource(Patience, time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            reading = new DatabaseReading(await engines.For(database).ReadStateAsync(database.Location, patience.Token), null, null, now);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reading = before with { Problem = $"It did not answer within {Patience.TotalSeconds:0} seconds.", NextStep = "Somebody may hold it locked, or its disk is slow.", IsDamaged = false, TriedAt = now };
        }
        catch (DatabaseException fault)
        {
            reading = before with { Problem = fault.Message, NextStep = fault.NextStep, IsDamaged = fault is DatabaseDamagedException, TriedAt = now };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            reading = before with { Problem = fault.Message, NextStep = null, IsDamaged = false, TriedAt = now };
        }

        _readings[database.Id] = reading;
        return reading;
    }

    /// <summary>
    /// Yields after each round in which one of these databases has new numbers, once for all that come close together; the reader asks
    /// <see cref="Last"/> for them. However slow the reader, the last numbers arrive and nothing queues up.
    /// </summary>
    public async IAsyncEnumerable<Guid> WatchAsync(IReadOnlyCollection<Database> databases, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(databases);
        var bell = Channel.CreateBounded<Guid>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        foreach (var database in databases)
        {
            Join(database, bell);
        }

        try
        {
            while (await bell.Reader.WaitToReadAsync(cancellationToken))
            {
                await Task.Delay(Together, cancellationToken);
                if (bell.Reader.TryRead(out var changed))
                {
                    yield return changed;
                }
            }
        }
        finally
        {
            foreach (var database in databases)
            {
                Leave(database.Id, bell);
            }
        }
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
    }

    /// <summary>All are read at the same beat: each on its own would drift, until a page is drawn for every single file.</summary>
    internal static TimeSpan UntilNextRound(DateTimeOffset now) => Interval - TimeSpan.FromTicks(now.Ticks % Interval.Ticks) + AfterTheTick;

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
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await _slots.WaitAsync(stop);
                try
                {
                    await ReadAsync(database, stop);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // A fault of the engine once must not leave old numbers that look new for as long as anybody watches.
                    _readings[database.Id] = Last(database.Id) with { Problem = fault.Message, NextStep = null, IsDamaged = false, TriedAt = time.GetUtcNow() };
                }
                finally
                {
                    _slots.Release();
                }

                Ring(database.Id, poller);
                await Task.Delay(UntilNextRound(time.GetUtcNow()), time, stop);
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

    private sealed record Poller(string Location, List<Channel<Guid>> Bells, CancellationTokenSource Stop);
}
