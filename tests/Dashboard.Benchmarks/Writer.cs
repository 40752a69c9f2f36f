using System.Diagnostics;
using System.Globalization;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Benchmarks;

/// <summary>How long each commit of an application took, in one stretch of time.</summary>
internal sealed record Latencies(int Commits, int Busy, double P50, double P99, double Worst);

/// <summary>An application that commits a row every 5 ms. It runs in a process of its own and answers each line that it is sent.</summary>
internal sealed class Writer : IDisposable
{
    public const string Verb = "writer";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(1);

    private readonly Process _process;

    private Writer(Process process) => _process = process;

    public static async Task<Writer> StartAsync(string file)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dashboard.Benchmarks.dll"), Verb, file]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var writer = new Writer(Process.Start(start)!);
        await writer._process.StandardOutput.ReadLineAsync();
        return writer;
    }

    /// <summary>What was measured since the last call.</summary>
    public async Task<Latencies> MeasuredAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        var answer = (await _process.StandardOutput.ReadLineAsync())!.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToList();
        return new Latencies((int)answer[0], (int)answer[1], answer[2], answer[3], answer[4]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The process itself; ends with its input.</summary>
    public static async Task<int> RunAsync(string file)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        connection.Execute("PRAGMA synchronous = NORMAL");
        raw.sqlite3_busy_timeout(connection.Handle!, 0);
        raw.sqlite3_prepare_v2(connection.Handle!, "INSERT INTO written (at, content) VALUES (datetime(), hex(randomblob(60)))", out var insert);
        List<double> latencies = [];
        var busy = 0;
        var asked = AskedAsync();
        Console.WriteLine("ready");
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            while (Commit(insert) == raw.SQLITE_BUSY)
            {
                busy++;
                await Task.Delay(BusyPause);
            }

            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (asked.IsCompleted)
            {
                if (await asked is null)
                {
                    raw.sqlite3_finalize(insert);
                    return 0;
                }

                Answer(latencies, busy);
                latencies.Clear();
                busy = 0;
                asked = AskedAsync();
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>The console's own asynchronous reading blocks.</summary>
    private static Task<string?> AskedAsync() => Task.Run(Console.In.ReadLine);

    private static int Commit(sqlite3_stmt insert)
    {
        var code = raw.sqlite3_step(insert) & 0xFF;
        _ = raw.sqlite3_reset(insert);
        return code is raw.SQLITE_DONE or raw.SQLITE_BUSY ? code : throw new InvalidOperationException($"The writer could not commit: {code}");
    }

    private static void Answer(List<double> latencies, int busy)
    {
        latencies.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{latencies.Count} {busy} {At(0.5)} {At(0.99)} {latencies[^1]}"));

        double At(double share) => latencies[Math.Min(latencies.Count - 1, (int)(latencies.Count * share))];
    }
}
