using System.Globalization;

namespace Dashboard.EngineSpecs;

/// <summary>How far the memory of this process rises above what it is now, whoever asks for it: managed or not (Linux; elsewhere what it is in the end).</summary>
public sealed class PeakMemory
{
    private const string Status = "/proc/self/status";

    private readonly long _before;

    private PeakMemory(long before) => _before = before;

    public long Grown => Read("VmHWM:") - _before;

    public static PeakMemory Begin()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        if (OperatingSystem.IsLinux())
        {
            // Sets the peak back to what is used now: see proc_pid_clear_refs(5).
            File.WriteAllText("/proc/self/clear_refs", "5");
        }

        return new PeakMemory(Read("VmRSS:"));
    }

    private static long Read(string field) => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) * 1024
        : Environment.WorkingSet;
}
