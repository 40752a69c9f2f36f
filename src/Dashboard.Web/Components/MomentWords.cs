using System.Globalization;

namespace Dashboard.Web.Components;

/// <summary>A moment as a person says it: "12 min ago", "in 3 h", "yesterday 02:00". Pure.</summary>
public static class MomentWords
{
    /// <summary>Near moments as an age, others as day and time.</summary>
    public static string Near(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone)
    {
        var age = now - at;
        return age.Duration() >= TimeSpan.FromHours(24) ? Absolute(at, now, zone)
            : age >= TimeSpan.Zero
                ? age.TotalSeconds < 5 ? "just now" : age.TotalMinutes < 1 ? $"{(int)age.TotalSeconds} s ago" : age.TotalHours < 1 ? $"{(int)age.TotalMinutes} min ago" : $"{(int)age.TotalHours} h ago"
                : age.TotalMinutes > -1 ? "in a moment" : age.TotalHours > -1 ? $"in {(int)-age.TotalMinutes} min" : $"in {(int)-age.TotalHours} h";
    }

    /// <summary>"today 14:02", "3 Nov 14:02", "3 Nov 2025 14:02".</summary>
    public static string Absolute(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone) => DayAndTime(at, now, zone, "HH:mm");

    /// <summary>"today 14:02:31": with the second, by which backups of one minute differ.</summary>
    public static string Precise(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone) => DayAndTime(at, now, zone, "HH:mm:ss");

    private static string DayAndTime(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone, string time)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var today = TimeZoneInfo.ConvertTime(now, zone);
        var day = local.Date == today.Date ? "today"
            : local.Date == today.Date.AddDays(-1) ? "yesterday"
            : local.Date == today.Date.AddDays(1) ? "tomorrow"
            : local.ToString(local.Year == today.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture);
        return $"{day} {local.ToString(time, CultureInfo.InvariantCulture)}";
    }
}
