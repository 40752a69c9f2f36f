using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;

namespace Dashboard.Core.Tests.Metrics;

public sealed class KeepSamplesTests : IAsyncDisposable
{
    private readonly MetricsHouse _metrics = new(options => options.MetricsRawDays = 2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closed_hours_are_rolled_up_and_samples_go_after_their_days_while_their_hours_stay()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        var key = SeriesKey.Of(shop.Id, Metric.Size);
        for (var hour = 0; hour < 5 * 24; hour++)
        {
            await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(60));
        }

        var raw = (await _metrics.Store.ReadAsync([key], Resolution.Raw, 0, long.MaxValue, Cancel))[key];
        var hourly = (await _metrics.Store.ReadAsync([key], Resolution.Hourly, 0, long.MaxValue, Cancel))[key];

        Assert.InRange(raw.Count, 2 * 24, 3 * 24 + 1);
        Assert.Equal(5 * 24, hourly.Count);
        Assert.True(hourly.Count(bucket => bucket.Seconds == 0) <= 2);
    }

    [Fact]
    public async Task A_clock_that_is_years_ahead_for_a_moment_forgets_nothing()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        var key = SeriesKey.Of(shop.Id, Metric.Size);
        await _metrics.RoundAsync();
        await _metrics.RoundAfterAsync(TimeSpan.FromHours(2));
        _metrics.Time.Ahead = TimeSpan.FromDays(20 * 365);
        await _metrics.RoundAsync();

        Assert.Equal(3, (await _metrics.Store.ReadAsync([key], Resolution.Raw, 0, long.MaxValue, Cancel))[key].Count);
    }

    [Fact]
    public async Task A_removed_database_keeps_its_series_as_long_as_it_can_be_brought_back()
    {
        var (shop, other) = (await _metrics.RegisterAsync("Shop"), await _metrics.RegisterAsync("Other"));
        await _metrics.RoundAsync();
        await _metrics.House.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, shop.Id, Cancel);

        await _metrics.RoundAfterAsync(TimeSpan.FromDays(29));
        Assert.NotEmpty(await _metrics.Store.FindAsync(shop.Subject, Cancel));
        await _metrics.RoundAfterAsync(TimeSpan.FromDays(2));

        Assert.Empty(await _metrics.Store.FindAsync(shop.Subject, Cancel));
        Assert.NotEmpty(await _metrics.Store.FindAsync(other.Subject, Cancel));
    }

    public ValueTask DisposeAsync() => _metrics.DisposeAsync();
}
