using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Health;

public sealed class RunHealthTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public RunHealthTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ReadHealth Health => _house.Get<ReadHealth>();

    [Fact]
    public async Task Every_check_is_asked_and_its_finding_kept_with_evidence_and_next_step()
    {
        _house.Engine.HealthChecks = [new FakeCheck("log", () => HealthAnswer.Warn("It holds 90 MiB.", "Empty it.")) { NeedsOpenDatabase = true }];
        var shop = await StartAsync();
        await _house.BackUpAsync(shop);

        var run = await RunAsync(shop);

        var overview = await Health.ReadAsync(Actor.LocalAdministrator, shop, Cancel);
        Assert.Equal((RunState.SucceededWithWarnings, "5 of 6 passed, all critical ones.", "Check log: It holds 90 MiB.", "Empty it."), (run.State, run.Summary, run.Problem, run.NextStep));
        Assert.Equal((run.Id, HealthVerdict.Warn, 5, 6), (overview.Last!.RunId, overview.Last.Verdict, overview.Last.Passed, overview.Last.Total));
        Assert.Equal(["opens", "log", "tables", "backup-age", "backups-checked", "backup-space", "backup-place"], overview.Lines.Select(line => line.Check.Key));
        Assert.Equal((HealthVerdict.Warn, "It holds 90 MiB.", "Empty it."), (overview.Lines[1].Last!.Verdict, overview.Lines[1].Last!.Evidence, overview.Lines[1].Last!.NextStep));
        Assert.Null(overview.Lines[2].Last);
        Assert.Contains("Check log: warning. It holds 90 MiB.", (await _house.Get<ReadRuns>().FindAsync(Actor.LocalAdministrator, run.Id, Cancel))!.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task A_database_that_is_gone_fails_its_first_check_and_the_others_are_not_asked()
    {
        var asked = 0;
        _house.Engine.HealthChecks = [new FakeCheck("log", () => Count(ref asked)) { NeedsOpenDatabase = true, IsCritical = true }];
        var shop = await StartAsync();
        await _house.BackUpAsync(shop);
        File.Delete(shop.Location);

        var run = await RunAsync(shop);

        Assert.Equal((RunState.Failed, 0), (run.State, asked));
        Assert.StartsWith("Can be opened: ", run.Problem, StringComparison.Ordinal);
        Assert.Equal("Look whether the database is where it was registered.", run.NextStep);
        var log = (await LineAsync(shop, "log")).Last!;
        Assert.Equal((HealthVerdict.Unknown, "It was not asked, for the database can't be opened."), (log.Verdict, log.Evidence));
    }

    [Fact]
    public async Task Whatever_goes_wrong_with_one_check_is_its_finding_and_keeps_the_others_not()
    {
        var hangs = new TaskCompletionSource();
        _house.Engine.HealthChecks =
        [
            new FakeCheck("damage", () => throw new DatabaseDamagedException("Page 10 is damaged.", "Restore.")) { IsCritical = true },
            new FakeCheck("busy", () => throw new DatabaseBusyException("Somebody holds a lock.", "Wait.")),
            new FakeCheck("broken", () => throw new InvalidOperationException("Oops.")),
            new FakeCheck("slow", async (_, stop) =>
            {
                hangs.SetResult();
                await Task.Delay(Timeout.Infinite, stop);
                return HealthAnswer.Pass("");
            }) { Patience = TimeSpan.FromSeconds(20) },
            new FakeCheck("last", () => HealthAnswer.Pass("Fine.")),
        ];
        var shop = await StartAsync();
        var asked = await _house.AskAsync(JobKeys.Health, shop);
        await hangs.Task.WaitAsync(Patience.Long, Cancel);
        _home.Time.Advance(TimeSpan.FromSeconds(21));

        await _house.EndOfAsync(asked);

        var lines = (await Health.ReadAsync(Actor.LocalAdministrator, shop, Cancel)).Lines.ToDictionary(line => line.Check.Key, line => line.Last);
        Assert.Equal((HealthVerdict.Fail, "Page 10 is damaged.", "Restore."), (lines["damage"]!.Verdict, lines["damage"]!.Evidence, lines["damage"]!.NextStep));
        Assert.Equal((HealthVerdict.Unknown, "Somebody holds a lock.", "Wait."), (lines["busy"]!.Verdict, lines["busy"]!.Evidence, lines["busy"]!.NextStep));
        Assert.Equal((HealthVerdict.Unknown, "Oops. (InvalidOperationException)"), (lines["broken"]!.Verdict, lines["broken"]!.Evidence));
        Assert.Equal((HealthVerdict.Unknown, "There was no answer within 20.0 s."), (lines["slow"]!.Verdict, lines["slow"]!.Evidence));
        Assert.Equal(HealthVerdict.Pass, lines["last"]!.Verdict);
    }

    [Fact]
    public async Task What_changed_is_told_with_what_was_before_and_since_when_it_is_so()
    {
        var answer = HealthAnswer.Pass("Fine.");
        _house.Engine.HealthChecks = [new FakeCheck("log", () => answer)];
        var shop = await StartAsync();
        await RunAsync(shop);
        var began = _home.Time.GetUtcNow();
        answer = HealthAnswer.Fail("It is full.", "Empty it.");
        await RunAsync(shop, after: TimeSpan.FromHours(24));
        var failed = _home.Time.GetUtcNow();
        await RunAsync(shop, after: TimeSpan.FromHours(24));

        var line = (await LineAsync(shop, "log")).Last!;
        var change = Assert.Single(await Health.ListChangesAsync(Actor.LocalAdministrator, shop, 90, 10, Cancel), change => change.Check == "log");
        Assert.Equal((failed, (HealthVerdict?)null), (line.Since, line.Before));
        Assert.Equal((failed, HealthVerdict.Pass, HealthVerdict.Fail), (change.At, change.Before, change.Verdict));
        Assert.True(began < failed);
    }

    [Fact]
    public async Task A_strip_has_the_worst_of_each_day_and_each_day_leads_to_its_run()
    {
        var answer = HealthAnswer.Fail("Full.", "Empty it.");
        _house.Engine.HealthChecks = [new FakeCheck("log", () => answer) { IsCritical = true }];
        var shop = await StartAsync();
        var bad = await RunAsync(shop);
        answer = HealthAnswer.Pass("Fine.");
        await RunAsync(shop, after: TimeSpan.FromHours(2));
        await RunAsync(shop, after: TimeSpan.FromDays(2));

        var strips = await Health.ReadStripsAsync(Actor.LocalAdministrator, shop, 30, TimeZoneInfo.Utc, Cancel);

        Assert.Equal(30, strips.All.Count);
        Assert.Equal([HealthVerdict.Fail, null, HealthVerdict.Warn], strips.All.TakeLast(3).Select(day => day.Worst));
        Assert.Equal([HealthVerdict.Fail, null, HealthVerdict.Pass], strips.ByCheck["log"].TakeLast(3).Select(day => day.Worst));
        Assert.All(strips.All.SkipLast(3), day => Assert.Null(day.Worst));
        var day = DateOnly.FromDateTime(StoreFixture.Start.UtcDateTime);
        Assert.Equal(bad.Id, (await Health.FindDayAsync(Actor.LocalAdministrator, shop, day, TimeZoneInfo.Utc, null, Cancel))!.Run.RunId);
        var past = await Health.FindDayAsync(Actor.LocalAdministrator, shop, day, TimeZoneInfo.Utc, "log", Cancel);
        Assert.Equal((bad.Id, "Full."), (past!.Run.RunId, past.Records.Single(record => record.Check == "log").Evidence));
        Assert.Null(await Health.FindDayAsync(Actor.LocalAdministrator, shop, day.AddDays(1), TimeZoneInfo.Utc, null, Cancel));
    }

    [Fact]
    public async Task The_fleet_follows_it_except_where_it_sees_for_itself()
    {
        var answer = HealthAnswer.Fail("Full.", "Empty it.");
        _house.Engine.HealthChecks = [new FakeCheck("log", () => answer) { IsCritical = true }];
        var shop = await StartAsync();
        await _house.BackUpAsync(shop);
        Assert.Null((await FleetRowAsync()).Health);

        await RunAsync(shop);
        var bad = (await FleetRowAsync()).Health!;
        answer = HealthAnswer.Pass("Fine.");
        File.Move(shop.Location, shop.Location + ".away");
        await RunAsync(shop, after: TimeSpan.FromMinutes(1));
        var gone = (await FleetRowAsync()).Health!;

        Assert.Equal((HealthVerdict.Fail, "Check log: Full."), (bad.Verdict, bad.Finding));

        // That it can't be opened is seen at every moment; what is left of this run is that the space could not be looked at.
        Assert.Equal(HealthVerdict.Warn, gone.Verdict);
        Assert.StartsWith("Space for the next backup: It was not asked", gone.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_asks_for_it_and_says_by_when_the_next_was_to_come()
    {
        var shop = await StartAsync();
        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Health, isOn: true, "0 4 * * *", "Etc/UTC", Cancel);
        _home.Time.Advance(TimeSpan.FromHours(18).Add(TimeSpan.FromMinutes(1)));

        Assert.Equal(1, await _house.Get<QueueDueSchedules>().QueueAsync(Cancel));
        await _house.EndOfAsync(_home.Look(store => store.Runs.Single(run => run.Job == JobKeys.Health)));

        var overview = await Health.ReadAsync(Actor.LocalAdministrator, shop, Cancel);
        Assert.Equal(StoreFixture.Start.Date.AddDays(2).AddHours(5), overview.DueBy!.Value.UtcDateTime);
        Assert.False(overview.IsStaleAt(overview.DueBy.Value));
        Assert.True(overview.IsStaleAt(overview.DueBy.Value.AddSeconds(1)));
        Assert.Equal((overview.DueBy, true), ((await FleetRowAsync()).Health?.DueBy, (await FleetRowAsync()).Health?.IsScheduled));
    }

    [Fact]
    public async Task Cancelled_it_keeps_nothing()
    {
        var reached = new TaskCompletionSource();
        _house.Engine.HealthChecks =
        [
            new FakeCheck("slow", async (_, stop) =>
            {
                reached.SetResult();
                await Task.Delay(Timeout.Infinite, stop);
                return HealthAnswer.Pass("");
            }) { Patience = null },
        ];
        var shop = await StartAsync();
        var run = await _house.AskAsync(JobKeys.Health, shop);
        await reached.Task.WaitAsync(Patience.Long, Cancel);

        await _house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);

        Assert.Equal(RunState.Cancelled, (await _house.EndOfAsync(run)).State);
        Assert.Null((await Health.ReadAsync(Actor.LocalAdministrator, shop, Cancel)).Last);
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_for_is_forgotten_with_the_next_run()
    {
        var shop = await StartAsync();
        var old = await RunAsync(shop);
        await RunAsync(shop, after: TimeSpan.FromDays(399));
        Assert.Equal(2, _home.Look(store => store.HealthRuns.Count()));

        await RunAsync(shop, after: TimeSpan.FromDays(2));

        Assert.DoesNotContain(old.Id, _home.Look(store => store.HealthRuns.Select(run => run.RunId).ToList()));
        Assert.DoesNotContain(old.Id, _home.Look(store => store.HealthRecords.Select(record => record.RunId).ToList()));
        Assert.Equal(2, _home.Look(store => store.HealthRuns.Count()));
    }

    [Fact]
    public async Task The_installation_has_a_run_of_its_own()
    {
        await _house.StartAsync();

        var run = await _house.EndOfAsync(await _house.Get<AskForRun>().AskAsync(Actor.LocalAdministrator, JobKeys.Health, Subject.Installation, null, Cancel));

        var overview = await Health.ReadAsync(Actor.LocalAdministrator, null, Cancel);
        Assert.Equal((run.Id, 5), (overview.Last!.RunId, overview.Last.Total));
        Assert.Equal(["runtime", "configuration", "store", "folders", "secrets", "files", "logs"], overview.Lines.Select(line => line.Check.Key));
        Assert.Equal(["files", "logs"], overview.Lines.Where(line => line.Last is null).Select(line => line.Check.Key));
        Assert.All(overview.Lines.Where(line => line.Last is not null), line => Assert.True(line.Last!.Verdict == HealthVerdict.Pass, $"{line.Check.Key}: {line.Last.Evidence}"));
    }

    [Fact]
    public async Task Whoever_may_not_is_told_so()
    {
        var shop = await StartAsync();
        var stranger = new Actor("Mallory", ActorKind.Person);

        await Assert.ThrowsAsync<PermissionDeniedException>(() => Health.ReadAsync(stranger, shop, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Health.ReadStripsAsync(stranger, null, 30, TimeZoneInfo.Utc, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Health.ListChangesAsync(stranger, shop, 30, 5, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Health.FindDayAsync(stranger, shop, default, TimeZoneInfo.Utc, null, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.AskAsync(JobKeys.Health, shop, stranger));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<EditHealth>().RemoveOwnAsync(stranger, shop, Guid.Empty, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static HealthAnswer Count(ref int asked)
    {
        asked++;
        return HealthAnswer.Pass("");
    }

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10", "orders 11", "customers 1");
    }

    private async Task<Run> RunAsync(Database database, TimeSpan after = default)
    {
        _home.Time.Advance(after);
        return await _house.EndOfAsync(await _house.AskAsync(JobKeys.Health, database));
    }

    private async Task<HealthLine> LineAsync(Database database, string check) =>
        (await Health.ReadAsync(Actor.LocalAdministrator, database, Cancel)).Lines.Single(line => line.Check.Key == check);

    private async Task<FleetRow> FleetRowAsync() => (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, "shop", Cancel))!;
}
