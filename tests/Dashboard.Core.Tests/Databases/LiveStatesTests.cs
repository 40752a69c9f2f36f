using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Databases;

public sealed class LiveStatesTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;
    private readonly LiveStates _states;

    public LiveStatesTests()
    {
        _house = new House(_home);
        _states = _house.Get<LiveStates>();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_reads_while_somebody_looks_and_stops_with_the_last()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var one = _states.WatchAsync([shop], leave.Token).GetAsyncEnumerator(leave.Token);
        Assert.True(await one.MoveNextAsync());
        Assert.Equal(9, _states.Last(shop.Id).State!.SizeBytes);

        await File.WriteAllTextAsync(shop.Location, "orders 1\norders 2\n", Cancel);
        await NextAsync(one);

        Assert.Equal(18, _states.Last(shop.Id).State!.SizeBytes);
        Assert.Equal(1, _states.PollerCount);
        await one.DisposeAsync();
        Assert.Equal(0, _states.PollerCount);
    }

    [Fact]
    public async Task Two_who_look_share_the_readings()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await using var one = _states.WatchAsync([shop], Cancel).GetAsyncEnumerator(Cancel);
        await one.MoveNextAsync();
        await using var other = _states.WatchAsync([shop], Cancel).GetAsyncEnumerator(Cancel);
        var next = other.MoveNextAsync();

        await NextAsync(one);

        Assert.True(await next);
        Assert.Equal(1, _states.PollerCount);
    }

    [Fact]
    public async Task Many_that_are_read_together_are_told_once()
    {
        List<Database> shops = [];
        for (var number = 0; number < 20; number++)
        {
            shops.Add(await _house.RegisterAsync($"Shop {number}", "orders 1"));
        }

        await using var watch = _states.WatchAsync(shops, Cancel).GetAsyncEnumerator(Cancel);
        await watch.MoveNextAsync();
        using var patience = new CancellationTokenSource(Patience.Long);
        while (shops.Any(shop => _states.Last(shop.Id).State is null))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var next = watch.MoveNextAsync().AsTask();

        Assert.False(next.IsCompleted);
        await NextAsync(next);
    }

    [Theory]
    [InlineData("2026-11-22T10:00:00.010Z")]
    [InlineData("2026-11-22T10:00:00.700Z")]
    [InlineData("2026-11-22T10:00:01.999Z")]
    public void Whoever_began_at_whatever_moment_is_read_at_the_same_beat(string began)
    {
        var now = DateTimeOffset.Parse(began, CultureInfo.InvariantCulture);

        Assert.Equal(DateTimeOffset.Parse("2026-11-22T10:00:02.005Z", CultureInfo.InvariantCulture), now + LiveStates.UntilNextRound(now));
    }

    [Fact]
    public async Task Good_numbers_stay_beside_the_problem_and_the_problem_goes_when_it_is_over()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _states.ReadAsync(shop, Cancel);
        _house.Engine.Strike(EngineStep.ReadState, new DroppedConnection());

        var broken = await _states.ReadAsync(shop, Cancel);
        _house.Engine.Heal(EngineStep.ReadState);
        var good = await _states.ReadAsync(shop, Cancel);

        Assert.Equal(("The connection was dropped.", 9L), (broken.Problem, broken.State!.SizeBytes));
        Assert.Null(good.Problem);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_given_up_after_five_seconds()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var slow = new SlowStep();
        _house.Engine.Strike(EngineStep.ReadState, slow);
        var reading = _states.ReadAsync(shop, Cancel);
        await slow.Reached;

        _home.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("It did not answer within 5 seconds.", (await reading).Problem);
    }

    [Fact]
    public async Task A_surprise_is_shown_and_the_next_reading_comes()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        _house.Engine.Strike(EngineStep.ReadState, new Surprise("Oops."));
        await using var watch = _states.WatchAsync([shop], Cancel).GetAsyncEnumerator(Cancel);
        await watch.MoveNextAsync();
        Assert.Equal("Oops.", _states.Last(shop.Id).Problem);
        _house.Engine.Heal(EngineStep.ReadState);

        await NextAsync(watch);

        Assert.Null(_states.Last(shop.Id).Problem);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>The poller may not wait yet when the clock moves: it is moved on until there is something new.</summary>
    private Task NextAsync(IAsyncEnumerator<Guid> watch) => NextAsync(watch.MoveNextAsync().AsTask());

    private async Task NextAsync(Task<bool> next)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while (!next.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            _home.Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.True(await next);
    }
}
