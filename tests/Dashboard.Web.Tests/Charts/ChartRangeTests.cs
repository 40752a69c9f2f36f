using Dashboard.Web.Components.Charts;
using Xunit;

namespace Dashboard.Web.Tests.Charts;

public sealed class ChartRangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("24h", 24)]
    [InlineData("7d", 7 * 24)]
    [InlineData("30d", 30 * 24)]
    [InlineData("90d", 90 * 24)]
    [InlineData("1y", 365 * 24)]
    public void A_word_of_the_address_ends_now(string key, int hours)
    {
        var range = ChartRange.Parse(key, null, null);

        Assert.True(range.IsLive);
        Assert.Equal((Now.AddHours(-hours), Now), range.Window(Now, null));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("yesterday", null, null)]
    [InlineData(null, "2026-11-22", null)]
    [InlineData(null, "2026-11-22T10:00:00Z", "2026-11-22T10:00:30Z")]
    [InlineData(null, "2026-11-23", "2026-11-22")]
    [InlineData("<script>", "no", "day")]
    public void What_makes_no_sense_is_seven_days(string? key, string? from, string? to) => Assert.Equal(ChartRange.Default, ChartRange.Parse(key, from, to));

    [Fact]
    public void Both_ends_come_back_from_the_address_that_they_make()
    {
        var range = ChartRange.Between(Now, Now.AddHours(-5));

        var address = range.Address();
        var again = ChartRange.Parse((string?)address["range"], (string?)address["from"], (string?)address["to"]);

        Assert.Equal(range, again);
        Assert.False(again.IsLive);
        Assert.Equal((Now.AddHours(-5), Now), again.Window(Now.AddYears(1), null));
    }

    [Fact]
    public void The_default_needs_no_word() => Assert.All(ChartRange.Default.Address().Values, Assert.Null);

    [Fact]
    public void All_begins_with_the_first_sample()
    {
        var range = ChartRange.Parse("all", null, null);

        Assert.Equal(Now.AddDays(-400), range.Window(Now, Now.AddDays(-400)).From);
        Assert.Equal(Now - ChartRange.Shortest, range.Window(Now, Now.AddSeconds(-1)).From);
        Assert.True(range.Window(Now, null).From < Now);
    }

    [Fact]
    public void A_zoom_of_an_instant_is_as_long_as_the_shortest_span() =>
        Assert.Equal(ChartRange.Shortest, ChartRange.Between(Now, Now.AddSeconds(1)).To - ChartRange.Between(Now, Now.AddSeconds(1)).From);
}
