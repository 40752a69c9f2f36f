using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Metrics;

/// <summary>A process that samples, with a clock that a test moves.</summary>
internal sealed class MetricsHouse : IAsyncDisposable
{
    private readonly List<House> _houses = [];

    public MetricsHouse(Action<DashboardOptions>? options = null) => House = Start(new WrongClock(StoreFixture.Start), options);

    public StoreFixture Home { get; } = new();

    public House House { get; private set; }

    public WrongClock Time { get; private set; } = null!;

    public ISampleStore Store => House.Get<ISampleStore>();

    public CollectMetrics Collect => House.Get<CollectMetrics>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The next process on the same store, with its clock at this moment; a fake clock alone can't be set back.</summary>
    public House Restart(DateTimeOffset now, Action<DashboardOptions>? options = null) => House = Start(new WrongClock(now), options);

    public Task<Database> RegisterAsync(string name) => House.RegisterAsync(name, "orders 1");

    /// <summary>Begins a round that must be due, and waits for its end.</summary>
    public async Task RoundAsync()
    {
        Assert.True(Collect.StartIfDue(Actor.Dashboard));
        await Collect.Round.WaitAsync(Patience.Long, Cancel);
    }

    public async Task RoundAfterAsync(TimeSpan passed)
    {
        Time.Advance(passed);
        await RoundAsync();
    }

    /// <summary>What a chart of the last hours would show.</summary>
    public async Task<IReadOnlyList<SeriesPoint>> PointsAsync(Database database, string metric = Metric.Size, string? table = null, double hours = 1)
    {
        var now = Time.GetUtcNow();
        var series = await House.Get<ReadSeries>().ReadAsync(Actor.LocalAdministrator, [SeriesKey.Of(database.Id, metric, table)], now.AddHours(-hours), now, 600, Cancel);
        return Assert.Single(series).Points;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in _houses)
        {
            await house.DisposeAsync();
        }

        Home.Dispose();
    }

    private House Start(WrongClock time, Action<DashboardOptions>? options)
    {
        Time = time;
        var house = new House(Home, time, options);
        _houses.Add(house);
        return house;
    }
}

/// <summary>A clock on the wall that can go wrong while the steady one inside goes on.</summary>
internal sealed class WrongClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
