using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <summary>The store on a server. Held for this process alone, as the data folder's lock holds a file: what a start finds open, a dead process left.</summary>
internal sealed class PostgresStoreHome(IDbContextFactory<DashboardStore> stores, StoreServer server, TimeProvider time, ILogger<PostgresStoreHome> logger) : IStoreHome, IAsyncDisposable, IDisposable
{
    private StoreLock? _lock;

    public string? File => null;

    public string Place => server.Place;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            _lock ??= await StoreLock.TakeAsync(server, StoreLock.Patience, cancellationToken);
            await PostgresStore.PrepareAsync(stores, server.Place, cancellationToken);
            _lock.Keep(time, logger);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw StoreFaults.InWords(server.Place, fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    public void Dispose() => Task.Run(async () => await DisposeAsync()).GetAwaiter().GetResult();
}
