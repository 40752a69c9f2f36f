using System.Globalization;
using System.Text.RegularExpressions;

namespace Dashboard.Web.Components;

/// <summary>A plan as a form shows it: daily, weekly, or a cron text where it is neither. Pure.</summary>
public sealed partial record SchedulePlan(PlanKind Kind, TimeOnly At, DayOfWeek Day, string Cron)
{
    /// <summary>In the night, and not at the hour of the backups.</summary>
    public static SchedulePlan Usual { get; } = new(PlanKind.Weekly, new TimeOnly(3, 30), DayOfWeek.Sunday, "30 3 * * 0");

    public string ToCron() => Kind switch
    {
        PlanKind.Daily => string.Create(CultureInfo.InvariantCulture, $"{At.Minute} {At.Hour} * * *"),
        PlanKind.Weekly => string.Create(CultureInfo.InvariantCulture, $"{At.Minute} {At.Hour} * * {(int)Day}"),
        _ => Cron.Trim(),
    };

    /// <summary>"every day at 02:00".</summary>
    public string Words => Kind switch
    {
        PlanKind.Daily => $"every day at {At:HH:mm}",
        PlanKind.Weekly => $"every {Day} at {At:HH:mm}",
        _ => $"by plan {Cron}",
    };

    public static SchedulePlan Read(string cron)
    {
        var match = Simple().Match(cron);
        if (!match.Success
            || !int.TryParse(match.Groups["minute"].ValueSpan, CultureInfo.InvariantCulture, out var minute) || minute > 59
            || !int.TryParse(match.Groups["hour"].ValueSpan, CultureInfo.InvariantCulture, out var hour) || hour > 23)
        {
            return Usual with { Kind = PlanKind.Cron, Cron = cron };
        }

        var at = new TimeOnly(hour, minute);
        return match.Groups["day"].ValueSpan is "*"
            ? Usual with { Kind = PlanKind.Daily, At = at, Cron = cron }
            : new SchedulePlan(PlanKind.Weekly, at, (DayOfWeek)(match.Groups["day"].ValueSpan[0] - '0'), cron);
    }

    [GeneratedRegex(@"^(?<minute>\d{1,2}) (?<hour>\d{1,2}) \* \* (?<day>[*0-6])$")]
    private static partial Regex Simple();
}

public enum PlanKind
{
    Daily,
    Weekly,
    Cron,
}
