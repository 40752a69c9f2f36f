using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Metrics;

public sealed class ReadSeriesTests : IAsyncDisposable
{
    private const int Day = 86400;

    private static readonly long Now = StoreFixture.Start.ToUnixTimeSeconds();
    private static readonly SeriesKey Shop = SeriesKey.Of(Guid.Parse("5cd0a5a4-0000-7000-8000-000000000001"), Metric.Size);

    private readonly MetricsHouse _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ReadSeries Read => _metrics.House.Get<ReadSeries>();

    [Theory]
    [InlineData(Metric.Size, 1, Resolution.Raw)]
    [InlineData(Metric.Size, 7, Resolution.Raw)]
    [InlineData(Metric.Size, 30, Resolution.Hourly)]
    [InlineData(Metric.Size, 365, Resolution.Hourly)]
    [InlineData(Metric.Size, 1000, Resolution.Daily)]
    [InlineData(Metric.TableRows, 7, Resolution.Raw)]
    [InlineData(Metric.TableRows, 30, Resolution.Hourly)]
    [InlineData(Metric.TableRows, 90, Resolution.Daily)]
    public void The_window_decides_how_fine_it_is(string metric, int days, Resolution resolution) =>
        Assert.Equal(resolution, ReadSeries.Choose(metric, Now - days * Day, Now, Now, new DashboardOptions()));

    [Fact]
    public void An_hour_of_last_month_is_read_from_what_is_still_kept_of_it() =>
        Assert.Equal(Resolution.Hourly, ReadSeries.Choose(Metric.Size, Now - 30 * Day, Now - 30 * Day + 3600, Now, new DashboardOptions()));

    [Fact]
    public void A_week_of_five_seconds_is_too_much_of_it() =>
        Assert.Equal(Resolution.Hourly, ReadSeries.Choose(Metric.Size, Now - 7 * Day, Now, Now, new DashboardOptions { MetricsSeconds = 5 }));

    [Theory]
    [InlineData(1.0 / 24)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(365)]
    public async Task The_last_point_is_the_newest_sample_and_the_peak_is_there_however_wide_the_window(double days)
    {
        await AppendMinutesAsync(Now - 30 * 60, Now, peakAt: Now - 20 * 60);
        await AppendMinutesAsync(Now - 30 * Day, Now - 30 * Day + 3600, peakAt: 0);

        var points = await PointsAsync(days, 50);

        Assert.InRange(points.Count, 4, 50);
        Assert.Equal((Now, 1.0), (points[^1].At.ToUnixTimeSeconds(), points[^1].Value));
        Assert.Equal(99, points.Max(point => point.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(800)]
    public async Task So_it_is_when_its_hour_was_moved_long_ago(double days)
    {
        var newest = Now - 5 * 3600 + 17;
        await AppendMinutesAsync(newest - 3600 * 10, newest, peakAt: newest - 600);
        await _metrics.Store.MoveClosedHoursAsync(Now / 3600 * 3600, Cancel);

        var points = await PointsAsync(days, 100);

        Assert.Equal((newest, 1.0), (points[^1].At.ToUnixTimeSeconds(), points[^1].Value));
        Assert.Equal(99, points.Max(point => point.Value));
    }

    [Fact]
    public async Task Gaps_stay_gaps_at_every_level()
    {
        await AppendMinutesAsync(Now - 20 * Day, Now - 14 * Day, peakAt: 0);
        await AppendMinutesAsync(Now - 2 * Day, Now, peakAt: 0);
        await _metrics.Store.MoveClosedHoursAsync(Now / 3600 * 3600, Cancel);

        foreach (var days in new[] { 7.0, 30, 800 })
        {
            Assert.Equal(days > 7 ? 1 : 0, (await PointsAsync(days, 600)).Count(point => point.Value is null));
        }
    }

    [Fact]
    public async Task Series_come_in_the_order_asked_for_also_those_without_samples_and_those_asked_for_twice()
    {
        await AppendMinutesAsync(Now - 600, Now, peakAt: 0);
        var other = Shop with { Metric = Metric.Wal };

        var series = await Read.ReadAsync(Actor.LocalAdministrator, [other, Shop, Shop], Time(Now - 3600), Time(Now), 600, Cancel);

        Assert.Equal([other, Shop, Shop], series.Select(one => one.Key));
        Assert.Equal([0, 11, 11], series.Select(one => one.Points.Count));
    }

    [Fact]
    public async Task The_span_of_all_reaches_from_the_first_sample_to_the_newest_and_not_into_the_future()
    {
        Assert.Null(await Read.FindSpanAsync(Actor.LocalAdministrator, [Shop], Cancel));

        await AppendMinutesAsync(Now - 40 * Day + 60, Now - 40 * Day + 3600, peakAt: 0);
        await AppendMinutesAsync(Now - 120, Now + 120, peakAt: 0);
        await _metrics.Store.MoveClosedHoursAsync(Now / 3600 * 3600, Cancel);

        Assert.Equal(new SeriesSpan(Time(Now - 40 * Day + 60), Time(Now)), await Read.FindSpanAsync(Actor.LocalAdministrator, [Shop, Shop with { Metric = Metric.Wal }], Cancel));
    }

    public ValueTask DisposeAsync() => _metrics.DisposeAsync();

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeSeconds(at);

    private async Task<IReadOnlyList<SeriesPoint>> PointsAsync(double days, int maxPoints) =>
        Assert.Single(await Read.ReadAsync(Actor.LocalAdministrator, [Shop], Time(Now).AddDays(-days), Time(Now), maxPoints, Cancel)).Points;

    private Task AppendMinutesAsync(long from, long to, long peakAt) =>
        _metrics.Store.AppendAsync([.. Enumerable.Range(0, (int)((to - from) / 60) + 1).Select(minute => from + minute * 60L).Append(to).Distinct().Select(at => new Sample(Shop, at, at == peakAt ? 99 : 1))], Cancel);
}
