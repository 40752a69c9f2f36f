using Dashboard.Core.Store;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <summary>
/// An advisory lock of the store's database, held by a connection of its own. The server frees it when the process ends, however it ends;
/// two that start at once migrate one after the other, and the second learns that it is not alone.
/// </summary>
internal sealed partial class StoreLock : IAsyncDisposable
{
    /// <summary>For a dashboard that is being restarted: the old process may need its time to stop.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>"dash" in ASCII: advisory locks are numbers, and each database has its own.</summary>
    private const long Number = 0x64617368;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly StoreServer _server;
    private readonly CancellationTokenSource _stop = new();
    private NpgsqlConnection _connection;
    private Task _keeping = Task.CompletedTask;

    private StoreLock(StoreServer server, NpgsqlConnection connection) => (_server, _connection) = (server, connection);

    /// <exception cref="StoreException">When another process has it for longer than <paramref name="patience"/>.</exception>
    public static async Task<StoreLock> TakeAsync(StoreServer server, TimeSpan patience, CancellationToken cancellationToken) =>
        new(server, await OpenAsync(server, patience, cancellationToken));

    /// <summary>A server that was restarted has forgotten the lock: it is taken again as soon as the server answers.</summary>
    public void Keep(TimeProvider time, ILogger logger) => _keeping = KeepAsync(time, logger);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<NpgsqlConnection> OpenAsync(StoreServer server, TimeSpan patience, CancellationToken cancellationToken)
    {
        var connection = server.LockSource.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            await DemandOwnSessionAsync(server, connection, cancellationToken);
            await using var take = new NpgsqlCommand($"SET application_name = 'dashboard (alone)'; SET lock_timeout = {(int)patience.TotalMilliseconds}; SELECT pg_advisory_lock({Number})", connection) { CommandTimeout = 0 };
            await take.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await connection.DisposeAsync();
            throw new StoreException($"Another dashboard is running on the store {server.Place}. Stop it, or choose another database with Dashboard:StoreConnection.");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A pooler would give the lock, and every setting of ours, to whoever gets the session next.</summary>
    /// <exception cref="StoreException">When a pooler answers.</exception>
    private static async Task DemandOwnSessionAsync(StoreServer server, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", connection);
        if (await ask.ExecuteScalarAsync(cancellationToken) is not int process || process != connection.ProcessID)
        {
            throw new StoreException(
                $"The store {server.Place} answers through a connection pooler (such as PgBouncer), and its lock needs a session of its own. Name the server's direct address in Dashboard:StoreConnection.");
        }
    }

    private async Task KeepAsync(TimeProvider time, ILogger logger)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(LookEvery, time, _stop.Token);
                await using var look = new NpgsqlCommand("SELECT 1", _connection);
                await look.ExecuteScalarAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or TimeoutException or IOException)
            {
                await TakeAgainAsync(logger);
            }
        }
    }

    private async Task TakeAgainAsync(ILogger logger)
    {
        try
        {
            var connection = await OpenAsync(_server, TimeSpan.FromSeconds(1), _stop.Token);
            await _connection.DisposeAsync();
            _connection = connection;
            TakenAgain(logger, _server.Place);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (StoreException)
        {
            NotAlone(logger, _server.Place);
        }
        catch (Exception fault)
        {
            // The server is still away; the next look tries again.
            Lost(logger, _server.Place, fault);
        }
    }

    [LoggerMessage(5101, LogLevel.Information, "The lock of the store {Place} was lost with its connection, and was taken again")]
    private static partial void TakenAgain(ILogger logger, string place);

    [LoggerMessage(5102, LogLevel.Warning, "The lock of the store {Place} is lost, and the server does not give it now")]
    private static partial void Lost(ILogger logger, string place, Exception fault);

    [LoggerMessage(5103, LogLevel.Critical, "Another dashboard has taken the store {Place} while this one had no connection. Stop one of the two")]
    private static partial void NotAlone(ILogger logger, string place);
}
