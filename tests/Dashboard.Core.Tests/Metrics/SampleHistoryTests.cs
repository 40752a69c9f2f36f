using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Fakes;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Metrics;

public sealed class SampleHistoryTests : IAsyncDisposable
{
    private readonly MetricsHouse _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sample_has_ninety_days_behind_it_and_ends_as_it_is()
    {
        var sample = await MakeAsync();

        await _metrics.RoundAsync();

        var span = await _metrics.House.Get<ReadSeries>().FindSpanAsync(Actor.LocalAdministrator, [SeriesKey.Of(sample.Id, Metric.Size)], Cancel);
        Assert.InRange((span!.To - span.From).TotalDays, 89, 91);
        var points = await _metrics.PointsAsync(sample, hours: 90 * 24);
        Assert.Equal(new SeriesPoint(_metrics.Time.GetUtcNow(), new FileInfo(sample.Location).Length), points[^1]);
        var growth = await _metrics.House.Get<ReadGrowth>().ReadAsync(Actor.LocalAdministrator, [SeriesKey.Of(sample.Id, Metric.Size), SeriesKey.Of(sample.Id, Metric.TableRows, "books")], Cancel);
        Assert.Equal(2, growth.Count);
        Assert.All(growth.Values, of => Assert.True(of is { DayAgo: not null, WeekAgo: not null, MonthAgo: not null }));
    }

    [Fact]
    public async Task It_is_made_once()
    {
        var sample = await MakeAsync();
        await _metrics.RoundAsync();
        var made = await CountAsync(sample);

        await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(1));
        _metrics.Restart(_metrics.Time.GetUtcNow().AddMinutes(1));
        await _metrics.RoundAsync();

        Assert.Equal(made + 2, await CountAsync(sample));
    }

    [Fact]
    public async Task A_sample_that_can_not_be_read_waits_for_its_past_without_a_sample()
    {
        var sample = await MakeAsync();
        _metrics.House.Engine.Strike(EngineStep.CountRows, new DroppedConnection(), sample.Location);
        await _metrics.RoundAsync();
        Assert.Empty(await _metrics.PointsAsync(sample));

        _metrics.House.Engine.Heal(EngineStep.CountRows, sample.Location);
        await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(1));

        Assert.True(await CountAsync(sample) > 10_000);
    }

    [Fact]
    public async Task It_goes_with_the_sample_and_comes_back_with_it()
    {
        var sample = await MakeAsync();
        await _metrics.RoundAsync();

        await _metrics.House.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, sample.Id, Cancel);
        await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(await _metrics.Store.FindAsync(sample.Subject, Cancel));

        await _metrics.House.Get<RemoveDatabase>().BringBackAsync(Actor.LocalAdministrator, sample.Id, Cancel);
        await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(1));
        Assert.True(await CountAsync(sample) > 10_000);
    }

    [Fact]
    public async Task No_other_database_gets_a_past()
    {
        var shop = await _metrics.RegisterAsync("Shop");

        await _metrics.RoundAsync();

        Assert.Equal(1, await CountAsync(shop));
    }

    [Fact]
    public void It_grows_is_vacuumed_once_and_was_switched_off_twice()
    {
        var now = _metrics.Time.GetUtcNow().ToUnixTimeSeconds();
        var state = new DatabaseState(_metrics.Time.GetUtcNow(), 10_000_000, "SQLite 3", [StateFact.Bytes("file", "File", 10_000_000), StateFact.Bytes("wal", "Log", 0), StateFact.Bytes("free", "Free", 400_000), StateFact.Count("pages", "Pages", 2441), StateFact.Bytes("page-size", "Page size", 4096)]);
        var past = new SamplePast(state, new TableList(_metrics.Time.GetUtcNow(), []), now);

        var days = Enumerable.Range(1, SamplePast.Days).Reverse().Select(ago => Number(past.StateAt(now - ago * 86400L), "file")).ToList();
        var off = Enumerable.Range(0, SamplePast.Days * 24).Select(hour => past.WasOff(now - hour * 3600L)).ToList();

        Assert.Single(days.Zip(days.Skip(1)), pair => pair.Second < pair.First * 0.9);
        Assert.All(days, file => Assert.Equal(0, file % 4096));
        Assert.InRange(days[^1], 9_500_000, 10_000_000);
        Assert.InRange(days[0], 3_000_000, 5_000_000);
        Assert.Equal(2, off.Zip(off.Skip(1)).Count(pair => pair is { First: false, Second: true }));
    }

    public ValueTask DisposeAsync() => _metrics.DisposeAsync();

    private static long Number(DatabaseState state, string key) => state.Facts.Single(fact => fact.Key == key).Number!.Value;

    private async Task<Database> MakeAsync()
    {
        await _metrics.House.Get<MakeFirstRun>().MakeAsync(Cancel);
        return _metrics.Home.Look(store => store.Databases.AsNoTracking().Single(database => database.IsSample));
    }

    private async Task<long> CountAsync(Database database) =>
        (await _metrics.Store.ReadAsync([SeriesKey.Of(database.Id, Metric.Size)], Resolution.Daily, 0, long.MaxValue, Cancel)).Values.Sum(buckets => buckets.Sum(bucket => bucket.Count));
}
