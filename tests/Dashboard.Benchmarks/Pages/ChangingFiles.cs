using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Benchmarks.Pages;

/// <summary>Somebody's applications at work: every file grows about once a second, so that each reading of it finds another size.</summary>
internal sealed class ChangingFiles : IAsyncDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly List<SqliteConnection> _connections;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public ChangingFiles(IEnumerable<string> files)
    {
        _connections = [.. files.Select(file => SqliteConnections.Open(file, SqliteOpenMode.ReadWrite))];

        // What the disk is busy with is not what is measured.
        _connections.ForEach(connection => connection.Execute("PRAGMA synchronous = OFF"));
        _work = Task.Run(WorkAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _connections.ForEach(connection => connection.Dispose());
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                // Spread over the second: fifty commits at once would be a load of their own.
                foreach (var connection in _connections)
                {
                    connection.Execute("INSERT INTO orders (item, note) VALUES ('new', hex(randomblob(3000)))");
                    await Task.Delay(Round / _connections.Count, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
