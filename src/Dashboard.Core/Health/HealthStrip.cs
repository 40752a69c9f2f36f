namespace Dashboard.Core.Health;

/// <summary>One day of a strip.</summary>
/// <param name="Worst">Null when nothing was looked at: never the same as a pass.</param>
/// <param name="Runs">How often was looked.</param>
public sealed record HealthDay(DateOnly Day, HealthVerdict? Worst, int Runs);

/// <summary>Findings of a quarter of an hour, as they are read from the store.</summary>
/// <param name="Quarter"><see cref="HealthRun.Quarter"/>.</param>
public readonly record struct HealthMark(int Quarter, HealthVerdict Verdict, int Count);

/// <summary>Days from findings. Pure.</summary>
public static class HealthStrip
{
    /// <summary>The last days up to today, oldest first, as days are in a zone. The worst of a day wins; a day without findings stays empty.</summary>
    public static IReadOnlyList<HealthDay> Roll(IEnumerable<HealthMark> marks, DateOnly today, int days, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(marks);
        ArgumentNullException.ThrowIfNull(zone);
        var byDay = marks.ToLookup(mark => DayOf(HealthRun.StartOf(mark.Quarter), zone));
        return
        [
            .. Enumerable.Range(0, days).Select(back => today.AddDays(back - days + 1)).Select(day => byDay.Contains(day)
                ? new HealthDay(day, byDay[day].Max(mark => mark.Verdict), byDay[day].Sum(mark => mark.Count))
                : new HealthDay(day, null, 0)),
        ];
    }

    public static DateOnly DayOf(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    /// <summary>When a day begins, and when the next one does. A midnight that a clock change leaves out is the first moment after it.</summary>
    public static (DateTimeOffset From, DateTimeOffset To) SpanOf(DateOnly day, TimeZoneInfo zone) => (StartOf(day, zone), StartOf(day.AddDays(1), zone));

    private static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        // Where midnight comes twice, the day begins with the first.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
