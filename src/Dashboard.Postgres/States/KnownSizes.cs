using System.Collections.Concurrent;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.States;

/// <param name="Bytes">Of all its files.</param>
internal sealed record WholeSize(long Bytes, long PageSize, DateTimeOffset ReadAt);

/// <summary>
/// The size of each database, as it was asked for last. The server looks at every file for it, which takes as long as the list of a thousand tables:
/// whoever reads numbers and tables in one round pays for it once.
/// </summary>
internal sealed class KnownSizes(TimeProvider time)
{
    /// <summary>Half of the ten seconds within which a change must be seen.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<PostgresLocation, WholeSize> _known = new();

    public void Remember(PostgresLocation at, long bytes, long pageSize) => _known[at] = new WholeSize(bytes, pageSize, time.GetUtcNow());

    /// <summary>A size that is at most five seconds old.</summary>
    public async Task<WholeSize> ReadAsync(PostgresLocation at, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(at, out var known) && time.GetUtcNow() - known.ReadAt < Fresh)
        {
            return known;
        }

        var sizes = await connection.ListAsync($"SELECT pg_database_size(current_database()), {Catalogue.PageSize}", row => (Bytes: row.GetInt64(0), PageSize: row.GetInt64(1)), cancellationToken);
        Remember(at, sizes[0].Bytes, sizes[0].PageSize);
        return _known[at];
    }
}
