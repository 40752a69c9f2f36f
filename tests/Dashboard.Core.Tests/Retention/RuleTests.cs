using Dashboard.Core.Retention;

namespace Dashboard.Core.Tests.Retention;

public sealed class RuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, 500, TimeSpan.Zero);

    [Fact]
    public void The_age_is_counted_back_from_the_earliest_of_clock_server_and_newest_row()
    {
        var usual = RowCutoff.Of(Noon, new RowClock(Noon.AddMinutes(-5), null), 90, "UTC");
        var ahead = RowCutoff.Of(Noon.AddYears(10), new RowClock(Noon, null), 90, "UTC");
        var server = RowCutoff.Of(Noon.AddYears(10), new RowClock(null, Noon), 90, "UTC");
        var future = RowCutoff.Of(Noon, new RowClock(Noon.AddYears(50), Noon.AddYears(1)), 90, "UTC");

        Assert.Equal((new DateTimeOffset(2026, 8, 24, 12, 0, 0, TimeSpan.Zero), false), (usual.At, usual.IsFromNewest));
        Assert.Equal((usual.At, true), (ahead.At, ahead.IsFromNewest));
        Assert.Equal((usual.At, false), (server.At, server.IsFromNewest));
        Assert.Equal(usual.At, future.At);
    }

    [Theory]
    [InlineData("2026-10-25 01:00:00", 1)]
    [InlineData("2026-10-23 12:00:00", 2)]
    [InlineData("2026-10-28 01:00:00", 1)]
    public void Around_a_change_of_the_clocks_the_smaller_offset_counts(string utc, int hours) =>
        Assert.Equal(TimeSpan.FromHours(hours), RowCutoff.OffsetAround(DateTimeOffset.Parse(utc + "Z", System.Globalization.CultureInfo.InvariantCulture), "Europe/Berlin"));

    [Theory]
    [InlineData("2026-11-25", TimeKind.IsoText)]
    [InlineData("2026-11-25T14:05:00.123Z", TimeKind.IsoText)]
    [InlineData("2026-11-25 14:05 +05:30", TimeKind.IsoText)]
    [InlineData(1_764_000_000L, TimeKind.UnixSeconds)]
    [InlineData(1_764_000_000_000L, TimeKind.UnixMilliseconds)]
    [InlineData(2_461_000.5, TimeKind.JulianDay)]
    [InlineData("12:00", null)]
    [InlineData("2026-02-30", null)]
    [InlineData("0001-01-01 00:00:00", null)]
    [InlineData(0L, null)]
    [InlineData(42L, null)]
    public void A_sample_shows_its_kind(object value, TimeKind? kind) => Assert.Equal(kind, ReadTime.Detect([null, value]));

    [Fact]
    public void A_kind_is_what_nearly_all_of_a_sample_are()
    {
        Assert.Null(ReadTime.Detect([]));
        Assert.Equal(TimeKind.UnixSeconds, ReadTime.Detect([.. Enumerable.Repeat<object?>(1_764_000_000L, 19), 0L]));
        Assert.Null(ReadTime.Detect([1_764_000_000L, 1_764_000_000L, 7L]));
        Assert.Equal("2026-11-25", ReadTime.ExampleOf([null, "unknown", "2026-11-25"], TimeKind.IsoText));
        Assert.Equal("unknown", ReadTime.ExampleOf([null, "unknown"], null));
    }

    [Theory]
    [InlineData("a = 1", null)]
    [InlineData("a = ')' AND b = '--;' AND \"x;\" = 'it''s'", null)]
    [InlineData("(a = 1", "not closed")]
    [InlineData("a = 1) OR (1 = 1", "not opened")]
    [InlineData("a = 1;", "one expression")]
    [InlineData("a = 1 -- b", "comment")]
    [InlineData("a /* b */ = 1", "comment")]
    [InlineData("a = 'b", "' is not closed")]
    [InlineData("[a'] ) OR (1 = 1 [']", "“[”")]
    public void A_condition_stays_inside_its_brackets(string condition, string? fault)
    {
        var said = ConditionText.FindFault(condition, "[`");

        Assert.True(fault is null ? said is null : said?.Contains(fault, StringComparison.Ordinal) == true, said);
    }

    [Theory]
    [InlineData("app_log", true)]
    [InlineData("AuditTrail", true)]
    [InlineData("login", false)]
    [InlineData("catalogue", false)]
    [InlineData("orders", false)]
    public void A_log_is_told_by_its_name(string table, bool isLog) => Assert.Equal(isLog, LookAtRows.LooksLikeLog(table));
}
