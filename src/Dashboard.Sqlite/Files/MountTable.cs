using System.Globalization;
using System.Text;

namespace Dashboard.Sqlite.Files;

/// <summary>One line of /proc/PID/mountinfo (man 5 proc_pid_mountinfo).</summary>
/// <param name="Device">Of the file system, as locks name it; file systems with volumes give their files other numbers.</param>
/// <param name="Root">What of the file system is mounted: "/" for all of it, the path of a file where that file alone is.</param>
/// <param name="Point">Where it is mounted.</param>
internal sealed record Mount(int Id, ulong Device, string Root, string Point, bool IsReadOnly)
{
    private const string DeletedSuffix = "//deleted";

    /// <summary>Whether what is mounted was deleted or replaced since, where it came from.</summary>
    public bool IsOfDeleted => Root.EndsWith(DeletedSuffix, StringComparison.Ordinal);

    /// <summary>The path of a file below this mount as the file system itself has it: the same whatever is mounted where.</summary>
    public string PathWithin(string path) => path == Point ? Root : Root.TrimEnd('/') + "/" + path[Point.Length..].TrimStart('/');

    public bool Holds(string path) => path == Point || path.StartsWith(Point.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>What is mounted where, as one process sees it.</summary>
internal static class MountTable
{
    private const int FieldsBeforeTags = 6;

    public static string Of(int processId) => string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/mountinfo");

    /// <summary>Lines that are none are left out.</summary>
    public static IReadOnlyList<Mount> Parse(string text) => [.. text.Split('\n').Select(ParseLine).OfType<Mount>()];

    /// <summary>The mount that a path lies on; of two at one place the later hides the earlier.</summary>
    public static Mount? Find(IReadOnlyList<Mount> mounts, string path) =>
        mounts.Where(mount => mount.Holds(path)).Reverse().MaxBy(mount => mount.Point.Length);

    /// <summary>Of this process; null where the system does not tell.</summary>
    public static Mount? Find(string path)
    {
        try
        {
            return Find(Parse(File.ReadAllText(Of(Environment.ProcessId))), NativeFiles.RealPath(path) ?? path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Mount? ParseLine(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", Math.Min(fields.Length, FieldsBeforeTags));
        if (dash < 0
            || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || ParseDevice(fields[2], NumberStyles.None) is not { } device)
        {
            return null;
        }

        // The mount may be read-only, or the file system as a whole, which is said at the end.
        var isReadOnly = fields[5].Split(',').Contains("ro") || fields.Skip(dash + 3).Any(options => options.Split(',').Contains("ro"));
        return new Mount(id, device, Unescape(fields[3]), Unescape(fields[4]), isReadOnly);
    }

    /// <summary>"254:0" here, "fe:00" among locks.</summary>
    public static ulong? ParseDevice(string text, NumberStyles style)
    {
        var parts = text.Split(':');
        return parts.Length == 2
            && uint.TryParse(parts[0], style, CultureInfo.InvariantCulture, out var major)
            && uint.TryParse(parts[1], style, CultureInfo.InvariantCulture, out var minor)
            ? FileId.NumberOf(major, minor)
            : null;
    }

    /// <summary>Space, tab, line break and backslash are written as \ooo, three octal digits of a byte.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = new List<byte>();
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '\\' && i + 3 < source.Length && source[(i + 1)..(i + 4)].All(digit => digit is >= (byte)'0' and <= (byte)'7'))
            {
                bytes.Add((byte)((source[i + 1] - '0') * 64 + (source[i + 2] - '0') * 8 + (source[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
