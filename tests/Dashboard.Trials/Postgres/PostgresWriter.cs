using System.Collections.Concurrent;
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

    public PostgresWriter(PostgresServer server, string database)
    {
        _server = server;
        _database = database;
        _writing = Task.Run(WriteAsync);
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
