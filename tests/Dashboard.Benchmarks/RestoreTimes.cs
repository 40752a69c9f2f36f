using System.Diagnostics;
using Dashboard.Core.Backups;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Benchmarks;

/// <summary>For information: a restore with its undo copy, beside a writer of up to 200 transactions a second.</summary>
internal sealed class RestoreTimes(BenchmarkOptions options, string source, string scratch)
{
    private readonly string _live = Path.Combine(scratch, "live.db");
    private readonly string _work = Path.Combine(scratch, "work.db");
    private readonly string _undo = Path.Combine(scratch, "undo.db");

    public async Task MeasureAsync(string journal)
    {
        List<double> whole = [], waited = [], worst = [];
        var phases = "";
        File.Copy(source, _live);
        Execute(_live, $"PRAGMA journal_mode = {journal}");
        for (var round = 0; round < options.Rounds; round++)
        {
            File.Copy(source, _work, overwrite: true);
            using (var writer = await Writer.StartAsync(_live))
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                await writer.MeasuredAsync();
                var watch = new Watch();
                var began = Stopwatch.GetTimestamp();
                var result = await new SqliteEngine(TimeProvider.System).RestoreAsync(_live, new RestoreWork(ContentPlace.File(_work), ContentPlace.File(_undo), _ => Task.CompletedTask), watch, CancellationToken.None);
                whole.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
                phases = watch.Describe();
                waited.Add(result.WritersWaited.TotalSeconds);
                worst.Add((await writer.MeasuredAsync()).Worst / 1000);
            }

            File.Delete(_undo);
        }

        File.Delete(_live);
        File.Delete(_work);
        Figures.Inform($"restore with undo copy, {journal}, beside a writer of 200 tx/s: {Figures.Median(whole):0.00} s; writers held for {Figures.Median(waited):0.00} s, the writer's longest commit {Figures.Median(worst):0.00} s. Last: {phases}");
    }

    private static void Execute(string file, string sql)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        connection.Execute(sql);
    }
}
