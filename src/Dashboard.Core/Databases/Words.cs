using System.Globalization;

namespace Dashboard.Core.Databases;

/// <summary>Numbers as this house writes them: binary units with three digits, durations that a person would say. Pure.</summary>
public static class Words
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>"18.4 GiB", "121 MiB", "512 B".</summary>
    public static string Bytes(long bytes)
    {
        // The smallest long has no positive twin.
        if (bytes < 0)
        {
            return "−" + Bytes(bytes == long.MinValue ? long.MaxValue : -bytes);
        }

        double value = bytes;
        var unit = 0;
        while (Math.Round(value, value < 99.95 ? 1 : 0) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var digits = unit == 0 ? "0" : value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "0";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>"1,204,882".</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 table", "12 tables".</summary>
    public static string Count(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>To three digits: an estimate has no more to say.</summary>
    public static long Rounded(long count)
    {
        long unit = 1;
        while (Math.Abs(count / unit) >= 1000)
        {
            unit *= 10;
        }

        return (long)Math.Round((decimal)count / unit, MidpointRounding.AwayFromZero) * unit;
    }

    /// <summary>"12 %", "under 1 %".</summary>
    public static string Share(double share) => share switch
    {
        <= 0 => "0 %",
        < 0.01 => "under 1 %",
        _ => $"{(share * 100).ToString(share < 0.0995 ? "0.#" : "0", CultureInfo.InvariantCulture)} %",
    };

    /// <summary>"80 ms", "6.2 s", "3 min 10 s", "31 h".</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0 ms",
        { TotalSeconds: >= 59.95 and < 60 } => "1 min",
        { TotalMilliseconds: < 950 } => $"{time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms",
        { TotalSeconds: < 59.95 } => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
        { TotalMinutes: < 60 } => time.Seconds == 0 ? $"{(int)time.TotalMinutes} min" : $"{(int)time.TotalMinutes} min {time.Seconds} s",
        { TotalHours: < 48 } => time.Minutes == 0 ? $"{(int)time.TotalHours} h" : $"{(int)time.TotalHours} h {time.Minutes} min",
        _ => $"{(int)time.TotalDays} days",
    };

    /// <summary>"a, b and 3 more".</summary>
    public static string List(IReadOnlyCollection<string> items, int most = 3)
    {
        ArgumentNullException.ThrowIfNull(items);

        var shown = items.Take(most).ToList();
        var rest = items.Count - shown.Count;
        if (rest > 0)
        {
            return $"{string.Join(", ", shown)} and {rest} more";
        }

        return shown.Count < 2 ? string.Concat(shown) : $"{string.Join(", ", shown[..^1])} and {shown[^1]}";
    }
}
