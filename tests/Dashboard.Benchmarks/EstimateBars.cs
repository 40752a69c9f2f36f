using System.Diagnostics;
using System.Globalization;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Pages;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;

namespace Dashboard.Benchmarks;

/// <summary>Bar 7: rows estimated beside COUNT(*). For information: how near, all tables as the page reads them, and the walk over a backup's copy.</summary>
internal sealed class EstimateBars(BenchmarkOptions options, string source, Figures figures)
{
    private const int Repeats = 50;

    public async Task MeasureAsync()
    {
        using (var connection = SqliteConnections.OpenUnlocked(source))
        {
            connection.Execute("BEGIN");
            MeasureRows(connection, "order_items");
        }

        await MeasurePageAsync();
        MeasureWalk();
    }

    private void MeasureRows(SqliteConnection connection, string table)
    {
        var root = Catalogue.Read(connection).Roots[table].Root;
        var pages = LivePages.Under(connection, source, ChangeMark.Read(source));
        List<double> estimates = [], counts = [];
        long estimated = 0, counted = 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            // A single estimate is too short for the clock.
            estimates.Add(Milliseconds(() =>
            {
                for (var repeat = 0; repeat < Repeats; repeat++)
                {
                    estimated = new EstimateTree(pages).Run(root)!.Rows;
                }
            }) / Repeats);
            counts.Add(Milliseconds(() => counted = connection.ReadLong($"SELECT COUNT(*) FROM {table}")));
        }

        figures.AddRatio($"7 row estimate of {table} / COUNT(*)", estimates, counts, 0.01, "ms");
        Figures.Inform(string.Create(CultureInfo.InvariantCulture, $"≈ {estimated:N0} for {counted:N0} rows, {100.0 * (estimated - counted) / counted:+0.0;-0.0} %"));
    }

    private async Task MeasurePageAsync()
    {
        var engine = new SqliteEngine(TimeProvider.System);
        List<double> tables = [], indexes = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            await engine.ReadTablesAsync(source, TimeSpan.Zero, CancellationToken.None);
            tables.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
            await engine.ReadIndexesAsync(source, CancellationToken.None);
            indexes.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Figures.Inform(string.Create(CultureInfo.InvariantCulture, $"all tables without counting {Figures.Median(tables):0.0} ms, all indexes {Figures.Median(indexes):0.0} ms"));
    }

    private void MeasureWalk()
    {
        List<Cost> walks = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            walks.Add(Cost.Of(() => _ = MeasureCopy.Run(source, new Watch(), CancellationToken.None) ?? throw new InvalidOperationException("The pages do not add up.")));
        }

        var gib = new FileInfo(source).Length / (double)(1 << 30);
        Figures.Inform(string.Create(CultureInfo.InvariantCulture, $"exact sizes by walking all pages: {Figures.Median([.. walks.Select(walk => walk.Seconds / gib)]):0.00} s a GiB, {Figures.Median([.. walks.Select(walk => walk.Processor / gib)]):0.00} s of processor"));
    }

    private static double Milliseconds(Action work)
    {
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
