using System.Collections.Concurrent;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// The catalogue of databases that are being looked at. Names, indexes and rights are most of its work and change seldom: as long as nobody has
/// touched the catalogue, only the numbers of its tables are asked for again.
/// </summary>
internal sealed class KnownTables(TimeProvider time)
{
    /// <summary>A database that is looked at is asked every few seconds. Read anew after that, for a role that was made a superuser changes nothing that the mark looks at.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<PostgresLocation, Known> _known = new();

    /// <summary>As <see cref="Catalogue.ReadAllAsync"/> does; the numbers of a partitioned table are those of its partitions.</summary>
    public async Task<IReadOnlyList<CatalogueTable>> ReadAsync(PostgresLocation at, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Before what it stands for, so that what changes in between is seen the next time.
        var mark = await Catalogue.ReadMarkAsync(connection, cancellationToken);
        foreach (var old in _known.Where(known => time.GetUtcNow() - known.Value.ReadAt >= Keep))
        {
            _known.TryRemove(old);
        }

        if (_known.TryGetValue(at, out var known) && known.Mark == mark)
        {
            var numbers = (await Catalogue.ReadNumbersAsync(connection, cancellationToken)).ToDictionary(one => one.Oid);
            if (numbers.Count == known.Tables.Count(table => !table.IsPartitioned) && known.Tables.All(table => table.IsPartitioned || numbers.ContainsKey(table.Oid)))
            {
                return [.. known.Tables.Select(table => table.IsPartitioned ? table : table.With(numbers[table.Oid]))];
            }
        }

        var tables = await Catalogue.ReadAllAsync(connection, cancellationToken);
        _known[at] = new Known(mark, tables, time.GetUtcNow());
        return tables;
    }

    private sealed record Known(CatalogueMark Mark, IReadOnlyList<CatalogueTable> Tables, DateTimeOffset ReadAt);
}
