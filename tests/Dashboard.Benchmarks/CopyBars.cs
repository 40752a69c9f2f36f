using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;

namespace Dashboard.Benchmarks;

/// <summary>Bars 1 to 3: the copying step of a backup, idle and beside a writer.</summary>
internal sealed class CopyBars(BenchmarkOptions options, string source, string scratch, Figures figures)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private readonly string _copy = Path.Combine(scratch, "copy.db");

    public async Task MeasureIdleAsync()
    {
        List<Cost> ours = [], theirs = [];
        var reports = 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            var watch = new Watch();
            ours.Add(Copy(watch));
            reports = watch.Reports;
            theirs.Add(await Shell.TimeAsync(_copy, "sqlite3", source, $".backup '{_copy}'"));
        }

        File.Delete(_copy);
        figures.AddRatio($"1 copying with {reports} progress reports / sqlite3 .backup", ours, theirs, 1.10);
    }

    public async Task MeasureBesideWriterAsync()
    {
        List<double> idle = [], busy = [], p99 = [], normalP99 = [], worst = [], normalWorst = [];
        int restarts = 0, errors = 0, commits = 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            idle.Add(Copy(new Watch()).Seconds);
            using var writer = await Writer.StartAsync(source);
            await Task.Delay(TimeSpan.FromSeconds(1));
            await writer.MeasuredAsync();

            // As long as the copy takes, for the worst of a longer time is worse.
            await Task.Delay(TimeSpan.FromSeconds(idle[^1] * 1.3));
            var normal = await writer.MeasuredAsync();

            var watch = new Watch();
            busy.Add(Copy(watch).Seconds);
            var beside = await writer.MeasuredAsync();

            restarts += watch.Restarts;
            errors += beside.Busy;
            commits += beside.Commits;
            p99.Add(beside.P99);
            normalP99.Add(normal.P99);
            worst.Add(beside.Worst);
            normalWorst.Add(normal.Worst);
        }

        File.Delete(_copy);
        figures.AddRatio($"2 copying beside {commits} commits / idle", busy, idle, 2.0);
        figures.Add("2 restarts and busy errors meanwhile", restarts + errors, 0, $"{restarts} restarts, {errors} busy errors");
        figures.AddRatio("3 that writer's p99 / normally", p99, normalP99, 3.0, "ms");
        figures.AddRatio("3 that writer's worst / normally", worst, normalWorst, 2.0, "ms");
    }

    /// <summary>As WriteBackup does it, with the copy on the disk in the end, as .backup leaves it.</summary>
    private Cost Copy(RunProgress progress) => Cost.Of(() =>
    {
        File.Delete(_copy);
        using (var connection = SqliteConnections.OpenToCopy(source))
        {
            Sqlite.Connections.Patience.HoldSnapshot(connection, source, LockPatience, TimeProvider.System, CancellationToken.None);
            progress.Phase("Copying", new FileInfo(source).Length);
            CopyPages.ToNewFile(connection, _copy, progress, CancellationToken.None);
        }

        NewFile.Sync(_copy);
    });
}
