using Dashboard.Core.Store;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <summary>
/// An advisory lock of the store's database, held by a connection of its own. The server frees it when the process ends, however it ends;
/// two that start at once migrate one after the other, and the second learns that it is not alone.
/// </summary>
internal sealed class StoreLock : IAsyncDisposable, IDisposable
{
    /// <summary>For a dashboard that is being restarted: the old process may need its time to stop.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>"dash" in ASCII: advisory locks are numbers, and each database has its own.</summary>
    private const long Number = 0x64617368;

    private readonly NpgsqlConnection _connection;

    private StoreLock(NpgsqlConnection connection) => _connection = connection;

    /// <exception cref="StoreException">When another process has it for longer than <paramref name="patience"/>.</exception>
    public static async Task<StoreLock> TakeAsync(StoreServer server, TimeSpan patience, CancellationToken cancellationToken)
    {
        var connection = server.LockSource.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var take = new NpgsqlCommand($"SET lock_timeout = {(int)patience.TotalMilliseconds}; SELECT pg_advisory_lock({Number})", connection) { CommandTimeout = 0 };
            await take.ExecuteNonQueryAsync(cancellationToken);
            return new StoreLock(connection);
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

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    public void Dispose() => _connection.Dispose();
}
