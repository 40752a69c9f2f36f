using System.Diagnostics;
using Dashboard.Sqlite.Files;

namespace Dashboard.Benchmarks;

/// <summary>The stock tools that the bars compare with.</summary>
internal static class Shell
{
    /// <summary>Runs a program until its output is on the disk.</summary>
    public static async Task<double> TimeAsync(string output, string program, params string[] arguments)
    {
        File.Delete(output);
        var began = Stopwatch.GetTimestamp();
        using (var process = Process.Start(new ProcessStartInfo(program, arguments))!)
        {
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
            }
        }

        NewFile.Sync(output);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
