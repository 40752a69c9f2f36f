using System.Collections.Concurrent;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.States;

/// <summary>
/// Whether a database itself can be connected to. Its numbers come from wherever a connection is open, and a server knows the size of a database
/// that nobody can open any more; so each is opened once in a while.
/// </summary>
internal sealed class Reachable(Watching watching, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<PostgresLocation, long> _seen = new();

    public async Task DemandAsync(PostgresLocation at, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(at, out var seen) && time.GetElapsedTime(seen) < Holds)
        {
            return;
        }

        _seen.TryRemove(at, out _);
        await watching.AskFreshAsync(at, connection => connection.AskAsync<int>("SELECT 1", cancellationToken), cancellationToken);
        _seen[at] = time.GetTimestamp();
    }

    /// <summary>After something that may have changed that.</summary>
    public void Forget(PostgresLocation at) => _seen.TryRemove(at, out _);
}
