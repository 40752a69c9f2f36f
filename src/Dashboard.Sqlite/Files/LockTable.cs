using System.Globalization;

namespace Dashboard.Sqlite.Files;

/// <summary>A POSIX lock that a process holds on bytes of a file.</summary>
internal sealed record HeldLock(int ProcessId, ulong Device, ulong Inode, bool IsShared, long First, long Last)
{
    public bool IsOn(ulong device, ulong inode, long first, long last) => Device == device && Inode == inode && First <= last && Last >= first;
}

/// <summary>
/// All locks of the machine, of every user (/proc/locks, man 5 proc_locks): it tells who uses a file where the files that a process
/// has open may not be looked at. Within a container it holds that container's locks only.
/// </summary>
internal static class LockTable
{
    private const string Place = "/proc/locks";

    /// <summary>Null where the system does not tell.</summary>
    public static IReadOnlyList<HeldLock>? Read()
    {
        try
        {
            return Parse(File.ReadAllText(Place));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static IReadOnlyList<HeldLock> Parse(string text) => [.. text.Split('\n').Select(ParseLine).OfType<HeldLock>()];

    /// <summary>"1: POSIX  ADVISORY  READ 15992 fe:00:11673616 128 128"; one that waits has "->" before its kind, and holds nothing.</summary>
    private static HeldLock? ParseLine(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields is not [_, "POSIX", _, var mode, var process, var file, var first, var last]
            || file.LastIndexOf(':') is var colon && colon < 0
            || MountTable.ParseDevice(file[..colon], NumberStyles.AllowHexSpecifier) is not { } device
            || !int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            || !ulong.TryParse(file[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            || !long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            return null;
        }

        var to = long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var end) ? end : long.MaxValue;
        return new HeldLock(processId, device, inode, mode == "READ", from, to);
    }
}
