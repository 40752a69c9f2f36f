using Dashboard.Core.Metrics;
using Dashboard.Web.Components.Charts;
using Xunit;

namespace Dashboard.Web.Tests.Charts;

public sealed class ChartWordsTests
{
    private const double Mib = 1024 * 1024;

    [Theory]
    [InlineData(10 * Mib, 14 * Mib, "+4.00 MiB (+40 %)")]
    [InlineData(100 * Mib, 97 * Mib, "−3.00 MiB (−3 %)")]
    [InlineData(10 * Mib, 10 * Mib, "no change")]
    [InlineData(0, 2 * Mib, "+2.00 MiB")]
    [InlineData(1e12, 1e12 + Mib, "+1.00 MiB (less than 0.1 %)")]
    [InlineData(Mib, 50 * Mib, "+49.0 MiB (+4,900 %)")]
    public void A_change_has_its_sign_and_its_share(double before, double after, string words) => Assert.Equal(words, ChartWords.Change(before, after, ChartUnit.Bytes));

    [Fact]
    public void Rows_are_counted() => Assert.Equal("+1,000 (+1 %)", ChartWords.Change(100_000, 101_000, ChartUnit.Count));

    [Fact]
    public void A_summary_says_the_ends_the_peak_and_the_gaps()
    {
        List<SeriesPoint> points = [Point(0, 10 * Mib), Point(1, 30 * Mib), Point(2, null), Point(3, 20 * Mib)];

        var words = ChartWords.Summary("On disk", points, ChartUnit.Bytes, at => $"minute {at.Minute}");

        Assert.Equal("On disk: from 10.0 MiB to 20.0 MiB, +10.0 MiB (+100 %). Highest 30.0 MiB, minute 1. Once it was not measured for a while.", words);
    }

    [Fact]
    public void Nothing_known_is_said() => Assert.Equal("Rows: nothing is known.", ChartWords.Summary("Rows", [Point(0, null)], ChartUnit.Count, _ => ""));

    private static SeriesPoint Point(int minute, double? value) => new(DateTimeOffset.UnixEpoch.AddMinutes(minute), value);
}
