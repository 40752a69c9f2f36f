using System.Collections.Concurrent;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Metrics;

/// <summary>Rows of a database, and rows and sizes of its tables: asked more rarely, for they have to be counted.</summary>
internal sealed class ReadTableNumbers(EngineCatalog engines, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <summary>
    /// Series are kept for the largest tables only: with all of 5,000 tables, a fleet's store would hold little else.
    /// The tables page shows every table's present numbers all the same; only the history of the small ones is not kept.
    /// </summary>
    public const int MostTables = 100;

    /// <summary>Counting a database may take this long, every quarter of an hour: 0.2 % of one disk's time.</summary>
    public static readonly TimeSpan CountBudget = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, long> _askedAt = new();
    private readonly ConcurrentDictionary<Guid, Dictionary<SeriesKey, Sample>> _written = new();

    /// <summary>The databases whose tables are due, the one that waits longest first; one that was never asked before all others.</summary>
    public IReadOnlyList<Database> Due(IReadOnlyList<Database> databases)
    {
        var every = TimeSpan.FromMinutes(options.CurrentValue.MetricsTableMinutes);

        // A round comes a moment early or late; it must not wait for the next one for a second's sake.
        var early = TimeSpan.FromSeconds(options.CurrentValue.MetricsSeconds / 2.0);
        return
        [
            .. databases
                .Select(database => (Database: database, Since: _askedAt.TryGetValue(database.Id, out var asked) ? time.GetElapsedTime(asked) : TimeSpan.MaxValue))
                .Where(row => row.Since >= every - early)
                .OrderByDescending(row => row.Since)
                .Select(row => row.Database),
        ];
    }

    public async Task<IReadOnlyList<Sample>> OfDatabaseAsync(Database database, long at, CancellationToken cancellationToken)
    {
        // Marked before it answers: one that never does waits for its turn like the others.
        _askedAt[database.Id] = time.GetTimestamp();
        var list = await engines.For(database).ReadTablesAsync(database.Location, CountBudget, cancellationToken);
        return Changed(database.Id, Of(database.Id, list, at, 2 * TimeSpan.FromMinutes(options.CurrentValue.MetricsTableMinutes)), at);
    }

    /// <summary>Forgets databases that are no longer registered.</summary>
    public void Keep(IReadOnlySet<Guid> databases)
    {
        foreach (var gone in _askedAt.Keys.Where(id => !databases.Contains(id)).ToList())
        {
            _askedAt.TryRemove(gone, out _);
            _written.TryRemove(gone, out _);
        }
    }

    /// <summary>The samples of a list of tables. A number that is unknown, or was true longer ago than <paramref name="age"/> only, gives none.</summary>
    public static IReadOnlyList<Sample> Of(Guid databaseId, TableList list, long at, TimeSpan age)
    {
        var oldest = at - (long)age.TotalSeconds;
        var samples = new List<Sample>();
        if (list.Tables.All(table => IsFresh(table.Rows)))
        {
            samples.Add(new Sample(SeriesKey.Of(databaseId, Metric.Rows), at, list.Tables.Sum(table => table.Rows!.Value)));
        }

        foreach (var table in list.Tables.OrderByDescending(Weight).ThenBy(table => table.Name, StringComparer.Ordinal).Take(MostTables))
        {
            Add(table, Metric.TableRows, table.Rows);
            Add(table, Metric.TableData, table.DataBytes);
            Add(table, Metric.TableIndex, table.IndexBytes);
        }

        return samples;

        bool IsFresh(Measure? measure) => measure is not null && measure.At.ToUnixTimeSeconds() >= oldest;

        void Add(TableFacts table, string metric, Measure? measure)
        {
            if (IsFresh(measure))
            {
                samples.Add(new Sample(SeriesKey.Of(databaseId, metric, table.Name), at, measure!.Value));
            }
        }
    }

    private static (long Bytes, long Rows) Weight(TableFacts table) => ((table.DataBytes?.Value ?? 0) + (table.IndexBytes?.Value ?? 0), table.Rows?.Value ?? 0);

    /// <summary>Leaves out the numbers of tables that rest; see <see cref="Metric.RestingTable"/>.</summary>
    private List<Sample> Changed(Guid databaseId, IReadOnlyList<Sample> samples, long at)
    {
        var before = _written.GetValueOrDefault(databaseId, []);
        var resting = (long)Metric.RestingTable.TotalSeconds;
        var wanted = samples.Where(sample => !before.TryGetValue(sample.Key, out var last) || last.Value != sample.Value || last.At / resting != at / resting || !Metric.IsOfTable(sample.Key.Metric)).ToList();
        var written = samples.ToDictionary(sample => sample.Key, sample => before.GetValueOrDefault(sample.Key, sample));
        foreach (var sample in wanted)
        {
            written[sample.Key] = sample;
        }

        _written[databaseId] = written;
        return wanted;
    }
}
