using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Core.Tests.Fakes;

namespace Dashboard.Core.Tests.Metrics;

public sealed class CollectMetricsTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly MetricsHouse _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FakeEngine Engine => _metrics.House.Engine;

    [Fact]
    public async Task A_round_a_minute_and_the_last_point_is_the_real_size()
    {
        var shop = await _metrics.RegisterAsync("Shop");

        await _metrics.RoundAsync();
        Assert.False(_metrics.Collect.StartIfDue(Actor.Dashboard));
        await File.AppendAllTextAsync(shop.Location, "orders 2\n", Cancel);
        await _metrics.RoundAfterAsync(Minute);

        var points = await _metrics.PointsAsync(shop);
        Assert.Equal([9.0, 18.0], points.Select(point => point.Value));
        Assert.Equal(_metrics.Time.GetUtcNow(), points[^1].At);
        Assert.Equal(new FileInfo(shop.Location).Length, points[^1].Value);
    }

    [Fact]
    public async Task Nobody_but_the_dashboard_starts_a_round_and_only_persons_see_numbers()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        var key = SeriesKey.Of(shop.Id, Metric.Size);

        Assert.Throws<PermissionDeniedException>(() => _metrics.Collect.StartIfDue(Actor.Schedule));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _metrics.House.Get<ReadSeries>().ReadAsync(Actor.Schedule, [key], default, default, 600, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _metrics.House.Get<ReadSeries>().FindSpanAsync(Actor.Schedule, [key], Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _metrics.House.Get<ReadSeries>().FindAsync(Actor.Schedule, shop.Subject, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _metrics.House.Get<ReadGrowth>().OfDatabasesAsync(Actor.Schedule, [shop.Id], Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _metrics.House.Get<ReadGrowth>().OfTablesAsync(Actor.Schedule, shop.Id, Metric.TableRows, Cancel));
    }

    [Fact]
    public async Task One_that_hangs_does_not_delay_the_others_from_the_second_round_on()
    {
        var (shop, slow) = (await _metrics.RegisterAsync("Shop"), await _metrics.RegisterAsync("Slow"));
        Engine.Strike(EngineStep.ReadState, new SlowStep(), slow.Location);
        await RoundWithOneThatIsLateAsync();

        var hangs = new SlowStep();
        Engine.Strike(EngineStep.ReadState, hangs, slow.Location);
        _metrics.Time.Advance(Minute);
        Assert.True(_metrics.Collect.StartIfDue(Actor.Dashboard));
        await hangs.Reached;

        // It still hangs, no time has passed, and the others are stored.
        Assert.Equal(2, (await _metrics.PointsAsync(shop)).Count);
        Assert.Empty(await _metrics.PointsAsync(slow));
        await EndLateRoundAsync();
    }

    [Fact]
    public async Task One_that_does_not_even_stop_is_left_behind_until_it_comes_back_by_itself()
    {
        var (shop, stuck) = (await _metrics.RegisterAsync("Shop"), await _metrics.RegisterAsync("Stuck"));
        var deaf = new DeafStep();
        Engine.Strike(EngineStep.ReadState, deaf, stuck.Location);
        await RoundWithOneThatIsLateAsync();

        await _metrics.RoundAfterAsync(Minute);
        Assert.Equal(2, (await _metrics.PointsAsync(shop)).Count);
        Assert.Equal(1, deaf.Calls);

        Engine.Heal(EngineStep.ReadState, stuck.Location);
        deaf.LetGo();
        await deaf.Left;

        // The step has left a moment before the sampler hears of it; each round asks anew.
        IReadOnlyList<SeriesPoint> points = [];
        for (var round = 0; round < 100 && points.Count == 0; round++)
        {
            await _metrics.RoundAfterAsync(Minute);
            points = await _metrics.PointsAsync(stuck);
        }

        Assert.Single(points);
    }

    [Fact]
    public async Task One_that_is_locked_or_gone_is_a_gap_of_its_own()
    {
        var (shop, locked, gone) = (await _metrics.RegisterAsync("Shop"), await _metrics.RegisterAsync("Locked"), await _metrics.RegisterAsync("Gone"));
        await _metrics.RoundAsync();
        Engine.Strike(EngineStep.ReadState, new DroppedConnection(), locked.Location);
        File.Move(gone.Location, gone.Location + ".away");
        for (var minute = 0; minute < 10; minute++)
        {
            await _metrics.RoundAfterAsync(Minute);
        }

        Engine.Heal(EngineStep.ReadState, locked.Location);
        File.Move(gone.Location + ".away", gone.Location);
        await _metrics.RoundAfterAsync(Minute);

        Assert.Equal(12, (await _metrics.PointsAsync(shop)).Count);
        Assert.Equal([9.0, null, 9.0], (await _metrics.PointsAsync(locked)).Select(point => point.Value));
        Assert.Equal([9.0, null, 9.0], (await _metrics.PointsAsync(gone)).Select(point => point.Value));
    }

    [Fact]
    public async Task A_fault_of_an_engine_that_nobody_foresaw_is_a_gap_too()
    {
        var (shop, odd) = (await _metrics.RegisterAsync("Shop"), await _metrics.RegisterAsync("Odd"));
        Engine.Strike(EngineStep.ReadState, new Surprise(), odd.Location);
        Engine.Strike(EngineStep.CountRows, new Surprise(), shop.Location);

        await _metrics.RoundAsync();

        Assert.Single(await _metrics.PointsAsync(shop));
        Assert.Empty(await _metrics.PointsAsync(shop, Metric.Rows));
        Assert.Empty(await _metrics.PointsAsync(odd));
    }

    [Fact]
    public async Task A_store_that_can_not_be_reached_costs_a_round_and_no_more()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        _metrics.House.Stores.Strike(new FullDisk(), () => true);

        await _metrics.RoundAsync();
        await _metrics.RoundAfterAsync(Minute);

        Assert.Single(await _metrics.PointsAsync(shop));
    }

    [Fact]
    public async Task Rounds_never_overlap_and_missed_ones_are_not_made_up()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        var slow = new SlowStep();
        Engine.Strike(EngineStep.CountRows, slow, shop.Location);
        Assert.True(_metrics.Collect.StartIfDue(Actor.Dashboard));
        await slow.Reached;
        _metrics.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(_metrics.Collect.StartIfDue(Actor.Dashboard));
        slow.LetGo();
        await _metrics.Collect.Round.WaitAsync(Patience.Long, Cancel);
        await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(30));
        Assert.False(_metrics.Collect.StartIfDue(Actor.Dashboard));

        Assert.Equal([9.0, null, 9.0], (await _metrics.PointsAsync(shop)).Select(point => point.Value));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_goes_on_and_the_newest_point_is_not_in_the_future()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        await _metrics.RoundAsync();
        await _metrics.RoundAfterAsync(Minute);
        var set = _metrics.Time.GetUtcNow() - TimeSpan.FromHours(3) - TimeSpan.FromSeconds(30);

        _metrics.Restart(set);
        await _metrics.RoundAsync();
        Assert.Equal(set, (await _metrics.PointsAsync(shop))[^1].At);
        for (var hour = 0; hour < 6; hour++)
        {
            await _metrics.RoundAfterAsync(TimeSpan.FromHours(1));
        }

        // All nine are there, at their times, with nothing doubled where both clocks were.
        var buckets = await _metrics.Store.ReadAsync([SeriesKey.Of(shop.Id, Metric.Size)], Resolution.Hourly, 0, long.MaxValue, Cancel);
        Assert.Equal(9, Assert.Single(buckets).Value.Sum(bucket => bucket.Count));
    }

    [Fact]
    public async Task Rows_and_tables_are_read_at_once_and_then_each_quarter_of_an_hour()
    {
        var shop = await _metrics.House.RegisterAsync("Shop", "orders 1", "orders 2", "people 1");
        await _metrics.RoundAsync();
        for (var minute = 0; minute < 30; minute++)
        {
            await File.AppendAllTextAsync(shop.Location, $"orders {minute}\n", Cancel);
            await _metrics.RoundAfterAsync(Minute);
        }

        Assert.Equal([3.0, 18.0, 33.0], (await _metrics.PointsAsync(shop, Metric.Rows)).Select(point => point.Value));
        Assert.Equal([2.0, 17.0, 32.0], (await _metrics.PointsAsync(shop, Metric.TableRows, "orders")).Select(point => point.Value));
    }

    [Fact]
    public async Task A_table_that_rests_is_written_once_in_six_hours_and_has_no_gap()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        for (var quarter = 0; quarter < 24 * 4; quarter++)
        {
            await _metrics.RoundAfterAsync(TimeSpan.FromMinutes(15));
        }

        Assert.Equal(5, (await _metrics.PointsAsync(shop, Metric.TableRows, "orders", hours: 30)).Count);
        Assert.DoesNotContain(await _metrics.PointsAsync(shop, Metric.Rows, hours: 30), point => point.Value is null);
    }

    [Fact]
    public async Task Of_five_thousand_tables_the_largest_hundred_have_a_history()
    {
        var shop = await _metrics.House.RegisterAsync("Shop", [.. Enumerable.Range(0, 5000).SelectMany(table => Enumerable.Repeat($"t{table:0000} row", 1 + table / 2500 + table % 2500 / 2400))]);

        await _metrics.RoundAsync();

        var tables = (await _metrics.House.Get<ReadSeries>().FindAsync(Actor.LocalAdministrator, shop.Subject, Cancel)).Where(key => key.Metric == Metric.TableRows).ToList();
        Assert.Equal(100, tables.Count);
        Assert.All(tables, key => Assert.InRange(key.Part!, "t4900", "t4999"));
    }

    [Fact]
    public async Task Each_disk_is_sampled_once()
    {
        await _metrics.RegisterAsync("Shop");
        await _metrics.RegisterAsync("Other");

        await _metrics.RoundAsync();

        var keys = await _metrics.Store.FindAsync(Subject.Installation, Cancel);
        Assert.Equal([Metric.DiskFree, Metric.DiskSize], keys.Select(key => key.Metric).Order());
        Assert.Equal(Files.DiskSpace.Look(_metrics.Home.Folder)!.Name, keys[0].Part);
    }

    [Fact]
    public async Task Watchers_hear_of_new_samples_and_leave_nothing_behind()
    {
        await _metrics.RegisterAsync("Shop");
        var feed = _metrics.House.Get<MetricsFeed>();
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel))
        {
            await using var watch = feed.WatchAsync(TimeSpan.Zero, stop.Token).GetAsyncEnumerator(stop.Token);
            await watch.MoveNextAsync();
            Assert.Null(watch.Current.At);
            Assert.Equal(1, feed.WatcherCount);

            await _metrics.RoundAsync();
            await watch.MoveNextAsync();

            Assert.Equal(_metrics.Time.GetUtcNow(), watch.Current.At);
        }

        Assert.Equal(0, feed.WatcherCount);
    }

    [Fact]
    public async Task A_dashboard_that_stops_in_a_round_stops_at_once()
    {
        var shop = await _metrics.RegisterAsync("Shop");
        var deaf = new DeafStep();
        Engine.Strike(EngineStep.ReadState, deaf, shop.Location);
        _metrics.Collect.StartIfDue(Actor.Dashboard);
        await deaf.Reached;

        await _metrics.Collect.DisposeAsync().AsTask().WaitAsync(Patience.Long, Cancel);

        Assert.True(_metrics.Collect.Round.IsCompletedSuccessfully);
        Assert.False(_metrics.Collect.StartIfDue(Actor.Dashboard));
        deaf.LetGo();
    }

    [Fact]
    public async Task Five_hundred_databases_are_one_round()
    {
        var databases = new List<Database>();
        for (var number = 0; number < 500; number++)
        {
            databases.Add(new Database { Id = Guid.CreateVersion7(), Slug = $"d{number}", Name = $"d{number}", Engine = FakeEngine.Key, Location = Path.Combine(_metrics.Home.Folder, $"{number}.lines"), AddedAt = _metrics.Time.GetUtcNow() });
            await File.WriteAllTextAsync(databases[^1].Location, "orders 1\n", Cancel);
        }

        _metrics.Home.Change(store => store.Databases.AddRange(databases));
        await _metrics.RoundAsync();

        var growths = await _metrics.House.Get<ReadGrowth>().OfDatabasesAsync(Actor.LocalAdministrator, [.. databases.Select(database => database.Id)], Cancel);
        Assert.Equal(500, growths.Count);
        Assert.All(growths.Values, growth => Assert.Equal((9.0, null), (growth.Latest!.Value, growth.DayAgo)));
    }

    public ValueTask DisposeAsync() => _metrics.DisposeAsync();

    /// <summary>The first round finds out that one is late; the clock goes on until it is given up.</summary>
    private async Task RoundWithOneThatIsLateAsync()
    {
        Assert.True(_metrics.Collect.StartIfDue(Actor.Dashboard));
        await EndLateRoundAsync();
    }

    private async Task EndLateRoundAsync()
    {
        while (!_metrics.Collect.Round.IsCompleted)
        {
            _metrics.Time.Advance(TimeSpan.FromSeconds(0.25));
            await Task.Delay(5, Cancel);
        }
    }
}
