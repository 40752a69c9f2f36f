using Dashboard.Core.Access;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Metrics;

public sealed class ReadGrowthTests : IAsyncDisposable
{
    private const int Hour = 3600;
    private const int Day = 86400;

    private static readonly long Now = StoreFixture.Start.ToUnixTimeSeconds();
    private static readonly Guid Shop = Guid.Parse("5cd0a5a4-0000-7000-8000-000000000001");
    private static readonly Guid Young = Guid.Parse("5cd0a5a4-0000-7000-8000-000000000002");
    private static readonly Guid Silent = Guid.Parse("5cd0a5a4-0000-7000-8000-000000000003");

    private readonly MetricsHouse _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_has_its_newest_number_and_those_of_a_day_a_week_and_a_month_ago()
    {
        await AppendAsync(SeriesKey.Of(Shop, Metric.Size), hoursAgo => 10_000 - hoursAgo, hours: 60 * 24);

        var growth = await GrowthAsync(Shop);

        Assert.Equal(10_000, growth.Latest!.Value);
        Assert.InRange(10_000 - growth.DayAgo!.Value, 24, 25);
        Assert.InRange(10_000 - growth.WeekAgo!.Value, 7 * 24, 7 * 24 + 1);
        Assert.InRange(10_000 - growth.MonthAgo!.Value, 30 * 24, 30 * 24 + 1);
        Assert.Equal(10_000 - growth.DayAgo.Value, (growth.Latest.At - growth.DayAgo.At).TotalHours);
    }

    [Fact]
    public async Task A_small_curve_has_about_thirty_points_and_ends_with_the_newest()
    {
        await AppendAsync(SeriesKey.Of(Shop, Metric.Size), hoursAgo => 10_000 - hoursAgo, hours: 60 * 24);

        var growth = await GrowthAsync(Shop);

        Assert.InRange(growth.Month.Count, 28, 33);
        Assert.Equal(new SeriesPoint(growth.Latest!.At, growth.Latest.Value), growth.Month[^1]);
        Assert.DoesNotContain(growth.Month, point => point.Value is null);
        Assert.Equal(growth.Month.OrderBy(point => point.At), growth.Month);
        Assert.InRange(growth.Month[0].Value!.Value, 10_000 - 31 * 24, 10_000 - 29 * 24);
    }

    [Fact]
    public async Task What_history_does_not_reach_is_unknown()
    {
        await AppendAsync(SeriesKey.Of(Young, Metric.Size), _ => 7, hours: 23);

        var growth = await GrowthAsync(Young);

        Assert.Equal((7.0, null, null, null), (growth.Latest!.Value, growth.DayAgo, growth.WeekAgo, growth.MonthAgo));
    }

    [Fact]
    public async Task What_is_much_older_than_a_day_is_not_called_a_day_ago()
    {
        await _metrics.Store.AppendAsync([new(SeriesKey.Of(Shop, Metric.Size), Now - 40 * Hour, 1), new(SeriesKey.Of(Shop, Metric.Size), Now, 2)], Cancel);
        await _metrics.Store.MoveClosedHoursAsync(Now / Hour * Hour, Cancel);

        Assert.Null((await GrowthAsync(Shop)).DayAgo);
    }

    [Fact]
    public async Task A_database_that_is_silent_shows_its_last_number_with_its_time_and_a_broken_curve()
    {
        var key = SeriesKey.Of(Silent, Metric.Size);
        await _metrics.Store.AppendAsync([.. Enumerable.Range(0, 20).Select(day => new Sample(key, Now - (25 - day) * Day, day)).Where(sample => sample.Value is < 5 or > 9)], Cancel);
        await _metrics.Store.MoveClosedHoursAsync(Now / Hour * Hour, Cancel);

        var growth = await GrowthAsync(Silent);

        Assert.Equal(new Reading(DateTimeOffset.FromUnixTimeSeconds(Now - 6 * Day), 19), growth.Latest);
        Assert.Null(growth.DayAgo);
        Assert.Equal([0.0, 1.0, 2.0, 3.0, 4.0, null, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0], growth.Month.Select(point => point.Value));
    }

    [Fact]
    public async Task Only_asked_for_databases_with_samples_are_answered_for()
    {
        await AppendAsync(SeriesKey.Of(Shop, Metric.Size), _ => 1, hours: 2);
        await AppendAsync(SeriesKey.Of(Young, Metric.Size), _ => 1, hours: 2);

        var growths = await _metrics.House.Get<ReadGrowth>().OfDatabasesAsync(Actor.LocalAdministrator, [Shop, Silent, Shop], Cancel);

        Assert.Equal([Shop], growths.Keys);
    }

    [Fact]
    public async Task Tables_have_growth_by_name_also_those_that_rest()
    {
        await AppendAsync(SeriesKey.Of(Shop, Metric.TableRows, "orders"), hoursAgo => 10_000 - hoursAgo, hours: 60 * 24);
        await AppendAsync(SeriesKey.Of(Shop, Metric.TableRows, "resting"), _ => 5, hours: 60 * 24, every: 6);
        await AppendAsync(SeriesKey.Of(Shop, Metric.TableData, "orders"), _ => 4096, hours: 2);

        var growths = await _metrics.House.Get<ReadGrowth>().OfTablesAsync(Actor.LocalAdministrator, Shop, Metric.TableRows, Cancel);

        Assert.Equal(["orders", "resting"], growths.Keys.Order());
        Assert.All(growths.Values, growth => Assert.True(growth is { Latest: not null, DayAgo: not null, WeekAgo: not null, MonthAgo: not null }));
        Assert.All(growths.Values, growth => Assert.DoesNotContain(growth.Month, point => point.Value is null));
    }

    public ValueTask DisposeAsync() => _metrics.DisposeAsync();

    private async Task<Growth> GrowthAsync(Guid database) =>
        (await _metrics.House.Get<ReadGrowth>().OfDatabasesAsync(Actor.LocalAdministrator, [database], Cancel))[database];

    private async Task AppendAsync(SeriesKey key, Func<int, double> value, int hours, int every = 1)
    {
        await _metrics.Store.AppendAsync([.. Enumerable.Range(0, hours).Where(hour => hour % every == 0).Select(hour => new Sample(key, Now - hour * Hour, value(hour)))], Cancel);
        await _metrics.Store.MoveClosedHoursAsync(Now / Hour * Hour, Cancel);
    }
}
