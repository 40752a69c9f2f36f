using System.Diagnostics;
using System.Globalization;
using Dashboard.Sqlite.Files;

namespace Dashboard.Benchmarks;

/// <summary>The stock tools that the bars compare with.</summary>
internal static class Shell
{
    /// <summary>Runs the program that it is given, then says how much processor time that took.</summary>
    private const string RunAndTime = "\"$0\" \"$@\" && times";

    /// <summary>Runs a program until its output is on the disk.</summary>
    public static async Task<Cost> TimeAsync(string output, string program, params string[] arguments)
    {
        File.Delete(output);
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", RunAndTime, program, .. arguments]) { RedirectStandardOutput = true })!;
        var times = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }

        NewFile.Sync(output);
        return new Cost(Stopwatch.GetElapsedTime(began).TotalSeconds, ProcessorSeconds(times));
    }

    /// <summary>The last line holds user and system time of the shell's children: "0m1.230000s 0m0.110000s".</summary>
    private static double ProcessorSeconds(string times) => times.Trim().Split('\n')[^1].Split(' ').Sum(time =>
    {
        var parts = time.TrimEnd('s').Split('m');
        return double.Parse(parts[0], CultureInfo.InvariantCulture) * 60 + double.Parse(parts[1], CultureInfo.InvariantCulture);
    });
}
