using System.Globalization;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Schedules;

public sealed class QueueDueSchedulesTests : IAsyncDisposable
{
    private const string Berlin = "Europe/Berlin";

    private readonly StoreFixture _home = new();
    private readonly List<House> _houses = [];
    private House _house;
    private DateTimeOffset _now;

    public QueueDueSchedulesTests() => _house = At("2026-11-22T10:00Z");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_due_becomes_one_run_of_the_schedule_and_the_next_time_is_set()
    {
        var shop = await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");

        Assert.Equal(0, await TickAsync("2026-11-23T01:59Z"));
        Assert.Equal(1, await TickAsync("2026-11-23T02:00Z"));
        Assert.Equal(0, await TickAsync("2026-11-23T02:00Z"));

        var run = Assert.Single(Runs());
        Assert.Equal((JobKeys.Backup, shop.Id, "Schedule", Time("2026-11-23T02:00Z")), (run.Job, run.SubjectId, run.AskedBy, run.DueAt));
        Assert.Equal(Time("2026-11-24T02:00Z"), Next());
    }

    [Fact]
    public async Task Many_missed_times_are_one_run()
    {
        await ScheduleAsync("Shop", "*/5 * * * *", "Etc/UTC");

        Assert.Equal(1, await TickAsync("2026-11-22T18:02Z"));

        Assert.Equal(Time("2026-11-22T18:00Z"), Assert.Single(Runs()).DueAt);
        Assert.Equal(Time("2026-11-22T18:05Z"), Next());
    }

    [Fact]
    public async Task A_month_of_sleep_is_one_run_of_the_last_night()
    {
        await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");

        Assert.Equal(1, await TickAsync("2026-12-22T10:00Z"));

        Assert.Equal(Time("2026-12-22T02:00Z"), Assert.Single(Runs()).DueAt);
    }

    [Fact]
    public async Task More_than_a_day_late_is_skipped()
    {
        await ScheduleAsync("Shop", "0 2 1 * *", "Etc/UTC");

        Assert.Equal(0, await TickAsync("2026-12-02T02:01Z"));

        Assert.Empty(Runs());
        Assert.Equal(Time("2027-01-01T02:00Z"), Next());
    }

    [Fact]
    public async Task A_day_late_to_the_minute_is_caught_up()
    {
        await ScheduleAsync("Shop", "0 2 1 * *", "Etc/UTC");

        Assert.Equal(1, await TickAsync("2026-12-02T02:00Z"));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_makes_no_second_run()
    {
        await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");
        await TickAsync("2026-11-23T02:00Z");
        _home.Change(store => store.Runs.Single().State = RunState.Succeeded);

        await TickAsync("2026-11-23T01:59Z");
        await TickAsync("2026-11-23T02:00Z");
        await TickAsync("2026-11-23T02:01Z");

        Assert.Single(Runs());
        Assert.Equal(Time("2026-11-24T02:00Z"), Next());
    }

    [Fact]
    public async Task A_clock_that_was_far_ahead_for_a_moment_leaves_no_schedule_there()
    {
        await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");
        await TickAsync("2027-11-22T10:00Z");
        _home.Change(store => store.Runs.Single().State = RunState.Succeeded);

        await TickAsync("2026-11-22T10:05Z");
        Assert.Equal(Time("2026-11-23T02:00Z"), Next());
        await TickAsync("2026-11-23T02:00Z");

        Assert.Equal([Time("2026-11-23T02:00Z"), Time("2027-11-22T02:00Z")], Runs().Select(run => run.DueAt).Order());
    }

    [Fact]
    public async Task In_the_night_that_has_the_hour_twice_it_runs_once_and_in_the_one_without_it_once()
    {
        _house = At("2026-10-24T12:00Z");
        await ScheduleAsync("Shop", "30 2 * * *", Berlin);

        await TickEveryMinuteAsync("2026-10-24T22:00Z", hours: 8);
        Assert.Equal([Time("2026-10-25T00:30Z")], Runs().Select(run => run.DueAt));

        _home.Change(store => store.Runs.ExecuteDelete());
        _house = At("2027-03-27T12:00Z");
        await _house.Get<QueueDueSchedules>().QueueAsync(Cancel);
        _home.Change(store => store.Runs.ExecuteDelete());
        await TickEveryMinuteAsync("2027-03-27T22:00Z", hours: 8);
        Assert.Equal([Time("2027-03-28T01:00Z")], Runs().Select(run => run.DueAt));
    }

    [Fact]
    public async Task An_edit_counts_at_once()
    {
        var shop = await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");

        await SetAsync(shop, true, "15 10 * * *", "Etc/UTC");
        Assert.Equal(Time("2026-11-22T10:15Z"), Next());
        await SetAsync(shop, true, "15 10 * * *", Berlin);
        Assert.Equal(Time("2026-11-23T09:15Z"), Next());
        await SetAsync(shop, false, "15 10 * * *", Berlin);

        Assert.Null(Next());
        Assert.Equal(0, await TickAsync("2026-11-24T12:00Z"));
        Assert.Single(_home.Look(store => store.Schedules.ToList()));
    }

    [Fact]
    public async Task A_plan_that_makes_no_sense_changes_nothing()
    {
        var shop = await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");

        await Assert.ThrowsAsync<FormatException>(() => SetAsync(shop, true, "0 2 31 2 *", "Etc/UTC"));
        await Assert.ThrowsAsync<FormatException>(() => SetAsync(shop, true, "0 2 * * *", "Mars/Olympus"));

        Assert.Equal(Time("2026-11-23T02:00Z"), Next());
    }

    [Fact]
    public async Task The_schedule_may_not_edit_itself()
    {
        var shop = await ScheduleAsync("Shop", "0 2 * * *", "Etc/UTC");

        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<SetSchedule>().SetAsync(Actor.Schedule, shop.Subject, JobKeys.Backup, true, "* * * * *", "Etc/UTC", Cancel));
    }

    [Fact]
    public async Task One_that_can_not_be_asked_for_does_not_keep_the_others()
    {
        var bad = await ScheduleAsync("A", "0 2 * * *", "Etc/UTC");
        var worse = await ScheduleAsync("B", "0 2 * * *", "Etc/UTC");
        var good = await ScheduleAsync("C", "0 2 * * *", "Etc/UTC");
        _home.Change(store => store.Schedules.Where(row => row.SubjectId == bad.Id).ExecuteUpdate(row => row.SetProperty(schedule => schedule.Zone, "Mars/Olympus")));
        _home.Change(store => store.Schedules.Where(row => row.SubjectId == worse.Id).ExecuteUpdate(row => row.SetProperty(schedule => schedule.Job, "paint")));

        Assert.Equal(1, await TickAsync("2026-11-23T02:00Z"));

        Assert.Equal(good.Id, Assert.Single(Runs()).SubjectId);
        Assert.Equal(Time("2026-11-23T02:00Z"), _home.Look(store => store.Schedules.Single(schedule => schedule.SubjectId == bad.Id)).NextAt);
        Assert.Equal(Time("2026-11-24T02:00Z"), _home.Look(store => store.Schedules.Single(schedule => schedule.SubjectId == worse.Id)).NextAt);
    }

    [Fact]
    public async Task A_backup_that_is_still_open_is_not_doubled()
    {
        await ScheduleAsync("Shop", "0 * * * *", "Etc/UTC");

        await TickAsync("2026-11-22T11:00Z");
        await TickAsync("2026-11-22T12:00Z");

        Assert.Single(Runs());
    }

    [Fact]
    public async Task Two_ticks_at_once_make_one_run_each()
    {
        for (var number = 0; number < 10; number++)
        {
            await ScheduleAsync($"Shop {number}", "0 2 * * *", "Etc/UTC");
        }

        var (one, other) = (At("2026-11-23T02:00Z"), At("2026-11-23T02:00Z"));
        await Task.WhenAll(
            Task.Run(() => one.Get<QueueDueSchedules>().QueueAsync(Cancel), Cancel),
            Task.Run(() => other.Get<QueueDueSchedules>().QueueAsync(Cancel), Cancel));

        Assert.Equal(10, Runs().Count);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in _houses)
        {
            await house.DisposeAsync();
        }

        _home.Dispose();
    }

    /// <summary>A process whose clock stands at this moment; a fake clock alone can't be set back.</summary>
    private House At(string utc)
    {
        _now = Time(utc);
        _house = new House(_home, new FakeTimeProvider(_now));
        _houses.Add(_house);
        return _house;
    }

    private Task<int> TickAsync(string utc) => At(utc).Get<QueueDueSchedules>().QueueAsync(Cancel);

    private async Task TickEveryMinuteAsync(string from, int hours)
    {
        var time = new FakeTimeProvider(Time(from));
        var house = new House(_home, time);
        _houses.Add(house);
        for (var minute = 0; minute < hours * 60; minute++)
        {
            await house.Get<QueueDueSchedules>().QueueAsync(Cancel);
            _home.Change(store => store.Runs.ExecuteUpdate(row => row.SetProperty(run => run.State, RunState.Succeeded)));
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task<Database> ScheduleAsync(string name, string cron, string zone)
    {
        var database = await _house.RegisterAsync(name, "orders 1");
        await SetAsync(database, true, cron, zone);
        return database;
    }

    private Task<Schedule> SetAsync(Database database, bool isOn, string cron, string zone) =>
        _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, database.Subject, JobKeys.Backup, isOn, cron, zone, Cancel);

    private List<Run> Runs() => _home.Look(store => store.Runs.AsNoTracking().ToList());

    private DateTimeOffset? Next() => _home.Look(store => store.Schedules.AsNoTracking().Single()).NextAt;

    private static DateTimeOffset Time(string utc) => DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture);
}
