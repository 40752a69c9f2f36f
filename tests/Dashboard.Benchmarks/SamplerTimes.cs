using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Benchmarks;

/// <summary>The sampler over 500 real SQLite files, for information: seconds of a round, its share of a processor, growth of the store.</summary>
internal sealed class SamplerTimes(BenchmarkOptions options, string scratch)
{
    private const int Databases = 500;
    private const int TablesOfEach = 12;
    private const int RowsOfATable = 200;
    private const int Minute = 60;
    private const int Hour = 3600;
    private const int MinutesOfADay = 1440;
    private const double SecondsOfARound = 60;

    public async Task MeasureAsync()
    {
        await using var house = await SampleHouse.OpenAsync(Path.Combine(scratch, "fleet"));
        var databases = await RegisterAsync(house);
        var collect = house.Get<CollectMetrics>();

        // The first round counts every table too, as the one after a start does.
        var first = Round();
        List<Cost> rounds = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            rounds.Add(Round());
        }

        house.Time.Now = (house.Time.Now / Hour + 1) * Hour;
        Figures.Inform($"first round of {Databases} databases with {TablesOfEach} tables each: {first.Seconds:0.0} s, {first.Processor:0.0} s of processor");
        Figures.Inform($"each further round: {Figures.Median([.. rounds.Select(cost => cost.Seconds)]):0.00} s, {Figures.Median([.. rounds.Select(cost => cost.Processor)]):0.00} s of processor: {Figures.Median([.. rounds.Select(cost => cost.Processor)]) / SecondsOfARound:P1} of one");
        await GrowAsync(house, databases);
        MeasureGrowth(house, databases);

        Cost Round()
        {
            house.Time.Now += Minute;
            return Cost.Of(() =>
            {
                if (!collect.StartIfDue(Actor.Dashboard))
                {
                    throw new InvalidOperationException("No round was due.");
                }

                collect.Round.GetAwaiter().GetResult();
            });
        }
    }

    /// <summary>A day of what the rounds store: five numbers a minute, rows each quarter of an hour, and tables of which a sixth change.</summary>
    private static async Task GrowAsync(SampleHouse house, List<Database> databases)
    {
        var random = new Random(42);
        var start = house.Time.Now;
        var before = (MiB: house.MiB, Hourly: Count(house, "samples_hourly"));
        var processor = Cost.Of(() =>
        {
            for (var minute = 0; minute < MinutesOfADay; minute++)
            {
                var at = start + minute * Minute;
                house.Store.AppendAsync([.. databases.SelectMany(database => Of(database, at, minute, random))], CancellationToken.None).GetAwaiter().GetResult();
                if (at % Hour == 0)
                {
                    house.Store.MoveClosedHoursAsync(at, CancellationToken.None).GetAwaiter().GetResult();
                }
            }

            house.Time.Now = start + MinutesOfADay * Minute;
            house.Store.MoveClosedHoursAsync(house.Time.Now, CancellationToken.None).GetAwaiter().GetResult();
        });
        var day = house.MiB - before.MiB;
        await house.Store.PruneAsync(new SampleHorizons(house.Time.Now, 0, 0, 0), CancellationToken.None);
        using (var connection = SqliteConnections.Open(house.File, SqliteOpenMode.ReadWrite))
        {
            connection.Execute("VACUUM");
        }

        var kept = house.MiB - before.MiB;
        Figures.Inform($"a day of samples: {day:0} MiB of store, {kept:0.0} MiB of it roll-ups that stay after a week ({Count(house, "samples_hourly") - before.Hourly:N0} hours); storing, moving and rolling up takes {processor.Processor:0} s of processor: {processor.Processor / 86400:P2} of one");
    }

    private static void MeasureGrowth(SampleHouse house, List<Database> databases)
    {
        Guid[] ids = [.. databases.Select(database => database.Id)];
        List<Cost> costs = [.. Enumerable.Range(0, 6).Select(_ => Cost.Of(() => house.Get<ReadGrowth>().OfDatabasesAsync(Actor.LocalAdministrator, ids, CancellationToken.None).GetAwaiter().GetResult()))];
        Figures.Inform($"growth and small curves of {Databases} databases: {Figures.Median([.. costs.Skip(1).Select(cost => cost.Seconds * 1000)]):0} ms");
    }

    private static IEnumerable<Sample> Of(Database database, long at, int minute, Random random)
    {
        foreach (var metric in new[] { Metric.Size, Metric.File, Metric.Wal, Metric.Free, Metric.Pages })
        {
            yield return new Sample(SeriesKey.Of(database.Id, metric), at, random.Next(1 << 20) * 4096.0);
        }

        if (minute % 15 == 0)
        {
            yield return new Sample(SeriesKey.Of(database.Id, Metric.Rows), at, random.Next(1 << 20));
            foreach (var table in Enumerable.Range(0, TablesOfEach).Where(table => table % 6 == 0 || minute % 360 == 0))
            {
                foreach (var metric in new[] { Metric.TableRows, Metric.TableData, Metric.TableIndex })
                {
                    yield return new Sample(SeriesKey.Of(database.Id, metric, $"t{table}"), at, random.Next(1 << 20));
                }
            }
        }
    }

    private async Task<List<Database>> RegisterAsync(SampleHouse house)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "files")).FullName;
        var model = Path.Combine(folder, "model.db");
        using (var connection = SqliteConnections.Open(model, SqliteOpenMode.ReadWriteCreate))
        {
            connection.Execute("PRAGMA journal_mode = WAL");
            foreach (var table in Enumerable.Range(0, TablesOfEach))
            {
                connection.Execute($"CREATE TABLE t{table} (id INTEGER PRIMARY KEY, content TEXT); CREATE INDEX i{table} ON t{table} (content)");
                connection.Execute($"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {RowsOfATable}) INSERT INTO t{table} SELECT i, hex(randomblob(40)) FROM n");
            }
        }

        var databases = Enumerable.Range(0, Databases)
            .Select(number => new Database { Id = Guid.CreateVersion7(), Slug = $"d{number}", Name = $"d{number}", Engine = "sqlite", Location = Path.Combine(folder, $"{number}.db"), AddedAt = house.Time.GetUtcNow() })
            .ToList();
        databases.ForEach(database => File.Copy(model, database.Location));
        await using var store = await house.Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync();
        store.Databases.AddRange(databases);
        await store.SaveChangesAsync();
        return databases;
    }

    private static long Count(SampleHouse house, string table)
    {
        using var connection = SqliteConnections.Open(house.File, SqliteOpenMode.ReadWrite);
        return connection.ReadLong($"SELECT COUNT(*) FROM {table}");
    }
}
