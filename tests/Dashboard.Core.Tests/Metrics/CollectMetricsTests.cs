using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Metrics;

public sealed class CollectMetricsTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public CollectMetricsTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_round_a_minute_and_the_newest_point_is_the_newest_sample()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");

        await RoundAsync();
        Assert.False(_house.Get<CollectMetrics>().StartIfDue(Actor.Dashboard));
        await File.AppendAllTextAsync(shop.Location, "orders 2\n", Cancel);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        await RoundAsync();

        var points = await PointsAsync(shop, Metric.Size);
        Assert.Equal([9.0, 18.0], points.Select(point => point.Value));
        Assert.Equal(_home.Time.GetUtcNow(), points[^1].At);
        Assert.Equal(new FileInfo(shop.Location).Length, points[^1].Value);
    }

    private async Task RoundAsync()
    {
        var collect = _house.Get<CollectMetrics>();
        Assert.True(collect.StartIfDue(Actor.Dashboard));
        await collect.Round.WaitAsync(Patience.Long, Cancel);
    }

    private async Task<IReadOnlyList<SeriesPoint>> PointsAsync(Database database, string metric)
    {
        var now = _home.Time.GetUtcNow();
        return (await _house.Get<ReadSeries>().ReadAsync(Actor.LocalAdministrator, [SeriesKey.Of(database.Id, metric)], now.AddHours(-1), now, 600, Cancel))[0].Points;
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }
}
