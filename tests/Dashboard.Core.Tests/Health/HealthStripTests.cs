using Dashboard.Core.Health;
using FsCheck;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Health;

public sealed class HealthStripTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly DateOnly Today = new(2026, 11, 22);

    [Fact]
    public void The_worst_of_a_day_wins_and_a_day_without_findings_stays_empty()
    {
        var days = HealthStrip.Roll([Mark(-2, 3, HealthVerdict.Pass), Mark(-2, 9, HealthVerdict.Fail), Mark(-2, 20, HealthVerdict.Warn), Mark(0, 1, HealthVerdict.Pass)], Today, 4, TimeZoneInfo.Utc);

        Assert.Equal([new(Today.AddDays(-3), null, 0), new(Today.AddDays(-2), HealthVerdict.Fail, 3), new(Today.AddDays(-1), null, 0), new(Today, HealthVerdict.Pass, 1)], days);
    }

    [Fact]
    public void Days_are_those_of_the_zone()
    {
        // 23:15 UTC is a quarter past midnight in Berlin.
        var marks = new[] { Mark(-1, 23.25, HealthVerdict.Warn) };

        Assert.Equal(HealthVerdict.Warn, HealthStrip.Roll(marks, Today, 2, TimeZoneInfo.Utc)[0].Worst);
        Assert.Equal([null, HealthVerdict.Warn], HealthStrip.Roll(marks, Today, 2, Berlin).Select(day => day.Worst));
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    [InlineData("2026-11-22", 24)]
    public void A_day_lasts_as_long_as_the_clocks_say(string day, int hours)
    {
        var (from, to) = HealthStrip.SpanOf(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), Berlin);

        Assert.Equal(hours, (to - from).TotalHours);
    }

    [Property]
    public bool No_finding_is_lost_or_softened_and_none_is_made_up(int seed, PositiveInt count, PositiveInt length)
    {
        var random = new Random(seed);
        var days = length.Get % 90 + 1;
        var marks = Enumerable.Range(0, count.Get % 300).Select(_ => Mark(-random.Next(days), random.Next(96) / 4.0, (HealthVerdict)random.Next(5))).ToList();

        var rolled = HealthStrip.Roll(marks, Today, days, TimeZoneInfo.Utc);

        return rolled.Count == days
            && rolled[^1].Day == Today
            && rolled.Sum(day => day.Runs) == marks.Count
            && rolled.All(day => day.Worst == (HealthVerdict?)marks.Where(mark => HealthStrip.DayOf(HealthRun.StartOf(mark.Quarter), TimeZoneInfo.Utc) == day.Day).Select(mark => (int?)mark.Verdict).Max());
    }

    private static HealthMark Mark(int day, double hour, HealthVerdict verdict) =>
        new(HealthRun.QuarterOf(new DateTimeOffset(Today.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(day).AddHours(hour)), verdict, 1);
}
