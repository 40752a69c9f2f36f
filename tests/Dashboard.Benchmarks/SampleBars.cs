using Dashboard.Core.Access;
using Dashboard.Core.Metrics;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Benchmarks;

/// <summary>Bars 16 and 17: samples in the SQLite store.</summary>
internal sealed class SampleBars(BenchmarkOptions options, string scratch, Figures figures)
{
    private const int Databases = 1000;
    private const int MetricsOfEach = 20;
    private const int BatchRows = Databases * MetricsOfEach;
    private const int HistoryRounds = 500;
    private const int Minute = 60;
    private const int Hour = 3600;
    private const int MinutesOfYear = 365 * 24 * 60;
    private const int ChartPoints = 600;
    private const int MostMiBOfAMillion = 25;

    private readonly Random _random = new(42);

    /// <summary>A minute of 1,000 databases with 20 numbers each, on an empty store and after ten million rows.</summary>
    public async Task MeasureBatchesAsync()
    {
        await using var house = await SampleHouse.OpenAsync(Path.Combine(scratch, "batches"));
        SeriesKey[] keys = [.. Enumerable.Range(0, Databases).Select(_ => Guid.CreateVersion7()).SelectMany(database => Enumerable.Range(0, MetricsOfEach).Select(metric => SeriesKey.Of(database, $"metric-{metric}")))];
        var plain = Path.Combine(scratch, "plain.db");
        await using (var rows = new PlainRows(plain))
        {
            await rows.Database.EnsureCreatedAsync();
            await rows.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
        }

        List<Cost> ours = [], entity = [], full = [];
        var at = house.Time.Now / Hour * Hour;
        for (var round = -2; round < options.Rounds; round++, at += Minute)
        {
            var (mine, theirs) = (Append(house, keys, at), Cost.Of(() => AddByEntity(plain, at)));
            if (round >= 0)
            {
                ours.Add(mine);
                entity.Add(theirs);
            }
        }

        figures.AddRatio("16 batch of 20,000 samples / EF Core AddRange", ours, entity, 0.2);

        var moves = new List<Cost>();
        for (var round = 0; round < HistoryRounds; round++, at += Minute)
        {
            Append(house, keys, at);
            if (at % Hour == 0)
            {
                moves.Add(Cost.Of(() => house.Store.MoveClosedHoursAsync(at, CancellationToken.None).GetAwaiter().GetResult()));
            }
        }

        for (var round = 0; round < options.Rounds; round++, at += Minute)
        {
            full.Add(Append(house, keys, at));
        }

        figures.AddRatio("16 the same after 10 million rows / on an empty store", full, ours, 2);
        var share = Figures.Median([.. moves.Skip(1).Select(move => move.Seconds)]) / 60;
        Figures.Inform($"moving and rolling up an hour of 20,000 series: {Figures.Median([.. moves.Skip(1).Select(move => move.Seconds)]):0.0} s, {share * 1000:0} ms for each batch; with it {(Figures.Median([.. full.Select(cost => cost.Seconds)]) + share) / Figures.Median([.. entity.Select(cost => cost.Seconds)]):0.00} of EF Core");
    }

    /// <summary>A year of minutes of one series as a chart, beside a scan of its rows; and what a million samples take.</summary>
    public async Task MeasureYearAsync()
    {
        await using var house = await SampleHouse.OpenAsync(Path.Combine(scratch, "year"));
        var key = SeriesKey.Of(Guid.CreateVersion7(), Metric.Size);
        var start = house.Time.Now / Hour * Hour;
        var before = house.MiB;
        await FillAsync(house, key, start);
        house.Time.Now = start + MinutesOfYear * Minute;

        List<Cost> chart = [], scan = [];
        for (var round = -1; round < options.Rounds; round++)
        {
            IReadOnlyList<Series> series = [];
            var (drawn, scanned) = (Cost.Of(() => series = ReadYear(house, key, start)), Cost.Of(() => Scan(house.File, start)));
            if (round >= 0)
            {
                chart.Add(drawn);
                scan.Add(scanned);
            }

            if (series[0].Points.Count is 0 or > ChartPoints || series[0].Points[^1].At != house.Time.GetUtcNow().AddMinutes(-1))
            {
                throw new InvalidOperationException("The chart is not the one that was asked for.");
            }
        }

        figures.AddRatio("17 a year of a series to 600 points / scan of its rows", chart, scan, 0.05);

        var samples = await CountAsync(house.File, "samples");
        var rolled = await CountAsync(house.File, "samples_hourly") + await CountAsync(house.File, "samples_daily");
        figures.Add("17 a million samples with their roll-ups, MiB", (house.MiB - before) * 1_000_000 / samples, MostMiBOfAMillion, $"{samples:N0} samples and {rolled:N0} roll-ups take {house.MiB - before:0.0} MiB");
    }

    private Cost Append(SampleHouse house, SeriesKey[] keys, long at)
    {
        List<Sample> batch = [.. keys.Select(key => new Sample(key, at, _random.Next(1 << 30)))];
        return Cost.Of(() => house.Store.AppendAsync(batch, CancellationToken.None).GetAwaiter().GetResult());
    }

    private void AddByEntity(string file, long at)
    {
        using var rows = new PlainRows(file);
        rows.Rows.AddRange(Enumerable.Range(0, BatchRows).Select(series => new PlainRow { Series = series, At = at, Value = _random.Next(1 << 30) }));
        rows.SaveChanges();
    }

    /// <summary>Four such series of which one is drawn: a chart does not find its rows alone in the file.</summary>
    private async Task FillAsync(SampleHouse house, SeriesKey key, long start)
    {
        SeriesKey[] keys = [key, .. Enumerable.Range(0, 3).Select(_ => SeriesKey.Of(Guid.CreateVersion7(), Metric.Size))];
        const int MinutesAtOnce = 7 * 24 * 60;
        double size = 1 << 30;
        for (var minute = 0; minute < MinutesOfYear; minute += MinutesAtOnce)
        {
            await house.Store.AppendAsync(
                [.. Enumerable.Range(minute, Math.Min(MinutesAtOnce, MinutesOfYear - minute)).SelectMany(at => keys.Select(of => new Sample(of, start + at * Minute, size += _random.Next(-4, 6) * 4096)))],
                CancellationToken.None);
            await house.Store.MoveClosedHoursAsync((start + minute * Minute) / Hour * Hour, CancellationToken.None);
        }

        await house.Store.MoveClosedHoursAsync(start + (MinutesOfYear - 120) * Minute / Hour * Hour, CancellationToken.None);
    }

    private static IReadOnlyList<Series> ReadYear(SampleHouse house, SeriesKey key, long start) =>
        house.Get<ReadSeries>().ReadAsync(Actor.LocalAdministrator, [key], DateTimeOffset.FromUnixTimeSeconds(start), house.Time.GetUtcNow(), ChartPoints, CancellationToken.None).GetAwaiter().GetResult();

    private static void Scan(string file, long start)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT (at - $start) / $width,
                   MIN(value),
                   MAX(value),
                   AVG(value)
            FROM samples
            WHERE series = 1
            GROUP BY 1
            """;
        command.Parameters.AddWithValue("$start", start);
        command.Parameters.AddWithValue("$width", MinutesOfYear * Minute / (ChartPoints / 2));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }
    }

    private static Task<long> CountAsync(string file, string table) => Task.Run(() =>
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        return connection.ReadLong($"SELECT COUNT(*) FROM {table}");
    });
}
