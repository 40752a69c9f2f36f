using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;

namespace Dashboard.Benchmarks;

/// <summary>Bars 6 and 7: maintenance as its tasks do it, beside the shell's and beside the thorough way.</summary>
internal sealed class UpkeepBars(BenchmarkOptions options, string source, string scratch, Figures figures)
{
    private static readonly string[] Tables = ["customers", "orders", "order_items", "events", "documents"];

    private readonly SqliteEngine _engine = new(TimeProvider.System);
    private readonly string _file = Path.Combine(scratch, "upkeep.db");

    public async Task MeasurePackingAsync()
    {
        var twoFifths = Thin("id % 5 < 2", "two-fifths.db");
        await MeasureVacuumAsync(twoFifths);
        NewFile.Remove(twoFifths);
        var half = Thin("id % 2 = 0", "half-deleted.db");
        await MeasureCompactAsync(half);
        NewFile.Remove(half);
        NewFile.Remove(_file);
    }

    public async Task MeasureChecksAsync()
    {
        List<Cost> quick = [], full = [], some = [], all = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            quick.Add(await RunAsync("quick-check", source, RunProgress.None));
            full.Add(await RunAsync("integrity-check", source, RunProgress.None));
        }

        figures.AddRatio("7 quick integrity check / full integrity check", quick, full, 0.2);
        File.Copy(source, _file, overwrite: true);
        for (var round = 0; round < options.Rounds; round++)
        {
            some.Add(await RunAsync("analyze", _file, RunProgress.None));
            all.Add(Cost.Of(() =>
            {
                using var connection = SqliteConnections.Open(_file, SqliteOpenMode.ReadWrite);
                connection.Execute("PRAGMA analysis_limit = 0");
                connection.Execute("ANALYZE");
            }));
        }

        NewFile.Remove(_file);
        figures.AddRatio("7 update of the statistics / full ANALYZE", some, all, 0.15);
    }

    private async Task MeasureVacuumAsync(string thinned)
    {
        List<Cost> ours = [], theirs = [];
        List<double> packing = [], writing = [];
        long after = 0, shells = 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            File.Copy(thinned, _file, overwrite: true);
            var gaps = new Gaps();
            ours.Add(await RunAsync("vacuum", _file, gaps));
            after = new FileInfo(_file).Length;
            packing.Add(gaps.LongestIn("Packing"));
            writing.Add(gaps.LongestIn("Writing back"));

            theirs.Add(await ShellVacuumAsync(thinned));
            shells = new FileInfo(_file).Length;
        }

        figures.AddRatio("6 VACUUM with progress / the shell's, two fifths of the rows deleted", ours, theirs, 1.10);
        figures.AddRounds("6 longest time without progress while it packs, s", packing, 0.5);
        figures.AddRounds("6 longest time without progress while it writes back, s", writing, 0.5);
        figures.Add("6 size after it / after the shell's", (double)after / shells, 1.0, $"{after} / {shells} bytes, {new FileInfo(thinned).Length} before");
    }

    private async Task MeasureCompactAsync(string half)
    {
        List<Cost> compact = [], theirs = [];
        List<double> waits = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            File.Copy(half, _file, overwrite: true);
            var gaps = new Gaps();
            compact.Add(await RunAsync("compact", _file, gaps));
            waits.Add(gaps.SecondsBetween("Waiting for writers", "Committing"));
            theirs.Add(await ShellVacuumAsync(half));
        }

        figures.AddRatio("6 compact by copy / the shell's VACUUM, half of the rows deleted", compact, theirs, 0.6);
        Figures.Inform(string.Create(CultureInfo.InvariantCulture, $"of that writers waited {Figures.Median(waits):0.00} s at most"));
    }

    private async Task<Cost> ShellVacuumAsync(string from)
    {
        // The shell's output is the file itself, which the clock must not see being copied.
        var copy = _file + ".shell";
        File.Copy(from, copy, overwrite: true);
        var cost = await Shell.TimeAsync(_file, "sh", "-c", $"sqlite3 '{copy}' VACUUM && mv '{copy}' '{_file}'");
        NewFile.Remove(copy);
        return cost;
    }

    private async Task<Cost> RunAsync(string key, string file, RunProgress progress)
    {
        var task = _engine.Tasks.Single(task => task.Description.Key == key);
        using var process = Process.GetCurrentProcess();
        var (began, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var result = await task.RunAsync(file, progress, CancellationToken.None);
        NewFile.Sync(file);
        process.Refresh();
        return result.Problem is null
            ? new Cost(Stopwatch.GetElapsedTime(began).TotalSeconds, (process.TotalProcessorTime - before).TotalSeconds)
            : throw new InvalidOperationException(result.Problem);
    }

    private string Thin(string condition, string name)
    {
        var file = Path.Combine(scratch, name);
        File.Copy(source, file, overwrite: true);
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        connection.Execute("PRAGMA synchronous = OFF");
        foreach (var table in Tables)
        {
            connection.Execute($"DELETE FROM {table} WHERE {condition}");
        }

        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return file;
    }

    /// <summary>When a bar moved.</summary>
    private sealed class Gaps : RunProgress
    {
        private readonly Lock _gate = new();
        private readonly List<(string Phase, long At)> _seen = [];
        private string _phase = "";

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            lock (_gate)
            {
                // What stands still until the next phase stood still too.
                Note();
                _phase = name;
                Note();
            }
        }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
            lock (_gate)
            {
                Note();
            }
        }

        public override void Log(string text, LineLevel level = LineLevel.Info)
        {
        }

        public double LongestIn(string phase)
        {
            var times = _seen.Where(one => one.Phase == phase).Select(one => one.At).ToList();
            return times.Count < 2 ? double.PositiveInfinity : times.Zip(times.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one, next).TotalSeconds).Max();
        }

        public double SecondsBetween(string from, string to) => Stopwatch.GetElapsedTime(_seen.First(one => one.Phase == from).At, _seen.Last(one => one.Phase == to).At).TotalSeconds;

        private void Note() => _seen.Add((_phase, Stopwatch.GetTimestamp()));
    }
}
