using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Schedules;

namespace Dashboard.Core.Tests.Schedules;

public sealed class NextOccurrenceTests
{
    private const string Berlin = "Europe/Berlin";
    private const string LordHowe = "Australia/Lord_Howe";

    [Fact]
    public void A_time_that_spring_leaves_out_comes_right_after_the_gap()
    {
        // 29 March 2026, 02:00 becomes 03:00.
        Assert.Equal([At("2026-03-28T01:30Z"), At("2026-03-29T01:00Z"), At("2026-03-30T00:30Z")], NextOccurrence.Upcoming("30 2 * * *", Berlin, At("2026-03-28T00:00Z"), 3));
    }

    [Fact]
    public void A_time_that_autumn_has_twice_comes_once()
    {
        // 25 October 2026, 03:00 becomes 02:00.
        Assert.Equal([At("2026-10-25T00:30Z"), At("2026-10-26T01:30Z")], NextOccurrence.Upcoming("30 2 * * *", Berlin, At("2026-10-24T12:00Z"), 2));
    }

    [Fact]
    public void Half_an_hour_of_summer_time_is_not_lost_either()
    {
        // Lord Howe Island: 4 October 2026, 02:00 becomes 02:30; 5 April 2026, 02:00 becomes 01:30.
        Assert.Equal(At("2026-10-03T15:30Z"), NextOccurrence.After("15 2 * * *", LordHowe, At("2026-10-03T12:00Z")));
        Assert.Equal([At("2026-04-04T14:45Z"), At("2026-04-05T15:15Z")], NextOccurrence.Upcoming("45 1 * * *", LordHowe, At("2026-04-04T12:00Z"), 2));
    }

    [Theory]
    [InlineData("2026-03-29T00:00Z", 23)]
    [InlineData("2026-06-01T00:00Z", 24)]
    [InlineData("2026-10-25T00:00Z", 25)]
    public void Every_hour_is_every_hour_of_the_day_that_there_is(string day, int hours)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Berlin);
        var date = DateOnly.FromDateTime(At(day).UtcDateTime);

        var times = NextOccurrence.Upcoming("0 * * * *", Berlin, At(day).AddHours(-4), 40);

        Assert.Equal(hours, times.Count(time => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime) == date));
        Assert.Equal(times.Distinct(), times);
    }

    [Fact]
    public void The_same_text_in_another_zone_is_another_time()
    {
        Assert.Equal(At("2026-01-01T02:00Z"), NextOccurrence.After("0 2 * * *", "Etc/UTC", At("2026-01-01T00:00Z")));
        Assert.Equal(At("2026-01-01T07:00Z"), NextOccurrence.After("0 2 * * *", "America/New_York", At("2026-01-01T03:00Z")));
    }

    [Fact]
    public void A_due_time_is_not_its_own_next() => Assert.Equal(At("2026-01-02T02:00Z"), NextOccurrence.After("0 2 * * *", "Etc/UTC", At("2026-01-01T02:00Z")));

    [Fact]
    public void A_day_that_never_comes_is_refused_in_words()
    {
        var refused = Assert.Throws<FormatException>(() => NextOccurrence.After("0 2 31 2 *", Berlin, At("2026-01-01T00:00Z")));

        Assert.Equal("“0 2 31 2 *” never comes: there is no such day.", refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("never")]
    [InlineData("1-5/0 * * * *")]
    [InlineData("*/90 * * * *")]
    [InlineData("99 2 * * *")]
    [InlineData("0 25 * * *")]
    [InlineData("46,x * * * *")]
    [InlineData("0 2 * *")]
    [InlineData("0 0 2 * * *")]
    [InlineData("@reboot")]
    [InlineData("@every 1ms")]
    [InlineData("0 2 * * * ; rm -rf /")]
    [InlineData("💥 2 * * *")]
    public void Garbage_is_refused(string cron) => Assert.Throws<FormatException>(() => NextOccurrence.After(cron, Berlin, At("2026-01-01T00:00Z")));

    [Theory]
    [InlineData("9")]
    [InlineData("*")]
    [InlineData("1,")]
    [InlineData("0 2 * * 1-5/")]
    public void A_hundred_thousand_characters_are_refused_at_once(string piece)
    {
        var cron = string.Concat(Enumerable.Repeat(piece, 100_000 / piece.Length + 1));
        var began = Stopwatch.GetTimestamp();

        var refused = Assert.Throws<FormatException>(() => NextOccurrence.After(cron, Berlin, At("2026-01-01T00:00Z")));

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.True(refused.Message.Length < 300);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    [InlineData("../../../etc/passwd")]
    public void A_zone_that_is_none_is_refused(string zone) => Assert.Throws<FormatException>(() => NextOccurrence.After("0 2 * * *", zone, At("2026-01-01T00:00Z")));

    private static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture);
}
