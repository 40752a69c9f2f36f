using Cronos;

namespace Dashboard.Core.Schedules;

/// <summary>When a cron text is due, in its zone, right across both clock changes. Pure.</summary>
public static class NextOccurrence
{
    /// <summary>Longer texts are nobody's schedule.</summary>
    private const int MaxLength = 120;

    /// <summary>The first due time after a moment, UTC.</summary>
    /// <exception cref="FormatException">When the text, the zone or the plan makes no sense, in words for a person.</exception>
    public static DateTimeOffset After(string cron, string zone, DateTimeOffset moment) =>
        Parse(cron).GetNextOccurrence(moment.UtcDateTime, FindZone(zone)) is { } next
            ? new DateTimeOffset(next, TimeSpan.Zero)
            : throw new FormatException($"“{cron}” never comes: there is no such day.");

    /// <summary>The next few due times, UTC.</summary>
    public static IReadOnlyList<DateTimeOffset> Upcoming(string cron, string zone, DateTimeOffset moment, int count)
    {
        List<DateTimeOffset> times = [];
        for (var at = moment; times.Count < count; times.Add(at))
        {
            at = After(cron, zone, at);
        }

        return times;
    }

    private static CronExpression Parse(string cron)
    {
        ArgumentNullException.ThrowIfNull(cron);
        if (cron.Length > MaxLength)
        {
            throw new FormatException($"The plan has {cron.Length} characters; {MaxLength} fit.");
        }

        try
        {
            return CronExpression.Parse(cron);
        }
        catch (CronFormatException fault)
        {
            throw new FormatException($"“{cron}” is no plan: {fault.Message}", fault);
        }
    }

    private static TimeZoneInfo FindZone(string zone) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : throw new FormatException($"There is no time zone “{zone}”.");
}
