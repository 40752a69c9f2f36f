using System.Diagnostics;

namespace Dashboard.Benchmarks;

/// <summary>What a piece of work cost.</summary>
/// <param name="Seconds">On the clock.</param>
/// <param name="Processor">Seconds of processor, all threads together: hardly changed by what else the machine does.</param>
internal sealed record Cost(double Seconds, double Processor)
{
    /// <summary>Of work in this process.</summary>
    public static Cost Of(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var (began, processor) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        work();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        process.Refresh();
        return new Cost(seconds, (process.TotalProcessorTime - processor).TotalSeconds);
    }
}
