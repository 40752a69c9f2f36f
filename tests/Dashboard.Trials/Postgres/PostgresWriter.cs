using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Dashboard.Trials.Postgres;

/// <summary>An application that writes into a database all the time, and comes back when it is cut off.</summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly PostgresServer _server;
    private readonly string _database;
    private readonly ConcurrentQueue<long> _committed = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly Task _writing;
    private readonly Lock _pace = new();
    private long _lastCommit = Stopwatch.GetTimestamp();
    private long _commits;
    private TimeSpan _longestPause;

    public PostgresWriter(PostgresServer server, string database)
    {
        _server = server;
        _database = database;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>How many transactions it has committed, and the longest time between two of them, since the last call.</summary>
    public (long Commits, TimeSpan LongestPause) TakePace()
    {
        lock (_pace)
        {
            var pause = Later(_longestPause, Stopwatch.GetElapsedTime(_lastCommit));
            var taken = (_commits, pause);
            (_commits, _longestPause) = (0, TimeSpan.Zero);
            return taken;
        }
    }

    /// <summary>Numbers that it knows to be committed since the last call.</summary>
    public IReadOnlyList<long> TakeCommitted()
    {
        List<long> taken = [];
        while (_committed.TryDequeue(out var number))
        {
            taken.Add(number);
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _writing;
        _enough.Dispose();
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task WriteAsync()
    {
        var number = 0L;
        while (!_enough.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _server.OpenAsync(_database);
                while (!_enough.IsCancellationRequested)
                {
                    await PostgresLedger.TransferAsync(connection, ++number);
                    _committed.Enqueue(number);
                    lock (_pace)
                    {
                        _commits++;
                        _longestPause = Later(_longestPause, Stopwatch.GetElapsedTime(_lastCommit));
                        _lastCommit = Stopwatch.GetTimestamp();
                    }

                    await Task.Delay(Pause);
                }
            }
            catch (NpgsqlException)
            {
                // Cut off. Whether the last one was committed it can't know, so that nobody promises it; the number is not used again.
                await Task.Delay(Pause);
            }
        }
    }
}
