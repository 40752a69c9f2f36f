using System.Collections.Concurrent;
using Dashboard.Core.Databases;
using Microsoft.Extensions.Logging;

namespace Dashboard.Core.Metrics;

/// <summary>
/// Asks many databases the same, a few at a time, so that one that is slow, locked or gone costs the others nothing:
/// it gets its time and no more, and one that does not even hear that it should stop is left behind until it comes back by itself.
/// </summary>
internal sealed class AskEach(TimeProvider time, ILogger logger)
{
    private const int AtOnce = 8;

    /// <summary>What an engine may take to stop; after that its thread is stuck below it, in a dead network drive say.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, Task> _stuck = new();
    private readonly ConcurrentDictionary<Guid, string> _silent = new();
    private readonly ConcurrentDictionary<Guid, byte> _late = new();

    /// <summary>Whether it did not answer in its time when it was last asked.</summary>
    public bool IsLate(Database database) => _late.ContainsKey(database.Id);

    /// <summary>The answers; who does not answer is not among them.</summary>
    /// <param name="patience">For one database.</param>
    /// <param name="budget">For all of them: when it is used up, nobody else is asked.</param>
    public async Task<IReadOnlyList<T>> AskAsync<T>(IEnumerable<Database> databases, Func<Database, CancellationToken, Task<T>> question, TimeSpan patience, TimeSpan budget, CancellationToken cancellationToken)
    {
        var answers = new ConcurrentBag<T>();
        var began = time.GetTimestamp();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(databases, limits, async (database, cancellation) =>
        {
            if (time.GetElapsedTime(began) < budget && !IsStuck(database))
            {
                await AskAsync(database, question, patience, answers, cancellation);
            }
        });
        return [.. answers];
    }

    /// <summary>Forgets databases that are no longer registered, and threads that have come back.</summary>
    public void Keep(IReadOnlySet<Guid> databases)
    {
        foreach (var gone in _silent.Keys.Concat(_late.Keys).Where(id => !databases.Contains(id)).ToList())
        {
            _silent.TryRemove(gone, out _);
            _late.TryRemove(gone, out _);
        }

        foreach (var (back, _) in _stuck.Where(entry => entry.Value.IsCompleted).ToList())
        {
            _stuck.TryRemove(back, out _);
        }
    }

    private bool IsStuck(Database database) => _stuck.TryGetValue(database.Id, out var task) && !task.IsCompleted;

    private async Task AskAsync<T>(Database database, Func<Database, CancellationToken, Task<T>> question, TimeSpan patience, ConcurrentBag<T> answers, CancellationToken cancellationToken)
    {
        var late = new CancellationTokenSource(patience, time);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var task = Task.Run(() => question(database, stop.Token), CancellationToken.None);

        // The sources outlive this method where the task does; and a fault that nobody awaits any more is nobody's.
        _ = task.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                stop.Dispose();
                late.Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            answers.Add(await task.WaitAsync(patience + Grace, time, cancellationToken));
            _late.TryRemove(database.Id, out _);
            if (_silent.TryRemove(database.Id, out _))
            {
                MetricsLog.Back(logger, database.Name);
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (fault is TimeoutException && !task.IsCompleted)
            {
                _stuck[database.Id] = task;
            }

            if (fault is TimeoutException or OperationCanceledException)
            {
                _late[database.Id] = 0;
            }

            // Said once, not with every round.
            var problem = fault is TimeoutException or OperationCanceledException ? $"it did not answer within {patience.TotalSeconds:0} seconds." : fault.Message;
            if (_silent.TryAdd(database.Id, problem))
            {
                MetricsLog.Silent(logger, database.Name, problem);
            }
        }
    }
}
