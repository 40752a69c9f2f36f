using System.Text;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Retention;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Retention;

public sealed class RemoveRowsTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly List<House> _houses = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ArchiveKind.None)]
    [InlineData(ArchiveKind.File)]
    [InlineData(ArchiveKind.Table)]
    public async Task Old_rows_go_where_the_rule_says_and_the_run_is_kept(ArchiveKind archive)
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, -199, -198, -10, 0));
        var rule = await SaveAsync(house, shop, archive, most: 60);

        var run = await RunAsync(house, shop, rule);

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.StartsWith("Removed 3 of 6 rows of log", run.Summary, StringComparison.Ordinal);
        var left = await File.ReadAllLinesAsync(shop.Location, Cancel);
        Assert.Equal<IEnumerable<string>>([.. Log(-10, 0), "log never", "orders 1"], left.Where(line => !line.StartsWith("old", StringComparison.Ordinal)));
        Assert.Equal(archive == ArchiveKind.Table ? 3 : 0, left.Count(line => line.StartsWith("old", StringComparison.Ordinal)));
        var (removals, total) = await house.Get<ReadRowRules>().ListRemovalsAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel);
        var removal = Assert.Single(removals);
        Assert.Equal((1, run.Id, 3L, 3L, 6L, 1L), (total, removal.Id, removal.Removed, removal.Planned, removal.Total, removal.Unreadable));
        Assert.NotNull(removal.EndedAt);
        var files = await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel);
        Assert.Equal(archive == ArchiveKind.File ? 1 : 0, files.Count);
        if (archive == ArchiveKind.File)
        {
            Assert.Equal((3L, true), (files[0].Rows, files[0].IsDone));
            Assert.Equal(Log(-200, -199, -198), await ReadAsync(files[0]));
            Assert.EndsWith(files[0].FileName, (await house.Get<ReadRowRules>().FindDownloadAsync(Actor.LocalAdministrator, files[0].Id, Cancel))!.Value.Path, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task More_than_its_share_stops_before_it_begins_and_goes_when_the_name_is_typed()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, -199, -198, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.Table);

        var stopped = await RunAsync(house, shop, rule);
        await Assert.ThrowsAsync<NameNeededException>(() => house.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, mayTakeMost: true, "else", Cancel));
        var allowed = await house.EndOfAsync(await house.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, mayTakeMost: true, "shop", Cancel));

        Assert.Equal(RunState.Failed, stopped.State);
        Assert.Contains("3 of 5 rows of log would go: 60 %, and the rule allows 50 %. Nothing was removed.", stopped.Problem, StringComparison.Ordinal);
        Assert.Equal(RunState.Succeeded, allowed.State);
    }

    [Fact]
    public async Task Without_an_archive_a_person_types_the_name_and_a_schedule_does_not()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.None);

        await Assert.ThrowsAsync<NameNeededException>(() => house.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, false, null, Cancel));
        await house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Retention, true, "0 3 * * *", "UTC", Cancel, new RetentionArguments(rule.Id));
        var schedule = (await house.Get<ReadRowRules>().ListAsync(Actor.LocalAdministrator, shop.Id, Cancel)).Single().Schedule!;
        var run = await house.EndOfAsync(await house.Get<AskForRun>().AskAsync(Actor.Schedule, JobKeys.Retention, shop.Subject, System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(schedule.Arguments), Cancel, (schedule.Id, schedule.NextAt!.Value)));

        Assert.Equal(RunState.Succeeded, run.State);
    }

    [Fact]
    public async Task A_clock_that_is_ten_years_ahead_takes_nothing_that_is_inside_its_age()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-3650, -3700, -3739, -3741));
        var rule = await SaveAsync(house, shop, ArchiveKind.File);

        var run = await RunAsync(house, shop, rule);

        Assert.StartsWith("Removed 1 of 5 rows", run.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)EngineStep.WriteRows)]
    [InlineData((int)EngineStep.RemoveRows)]
    [InlineData((int)EngineStep.AfterRemovingRows)]
    public async Task Killed_anywhere_nothing_is_lost_and_nothing_is_archived_twice(int step)
    {
        var first = await StartAsync();
        var shop = await RegisterAsync(first, Log(-200, -199, -198, -1, 0));
        var rule = await SaveAsync(first, shop, ArchiveKind.File, most: 100);
        var kill = new KilledProcess();
        first.Engine.Strike((EngineStep)step, kill);
        var run = await first.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, false, null, Cancel);
        await kill.Reached;
        first.Kill();

        var second = await StartAsync();
        var killed = await second.EndOfAsync(run);
        Assert.Equal(RunState.Interrupted, killed.State);
        var archived = await AllArchivedAsync(second, shop);
        Assert.All(Log(-200, -199, -198), line => Assert.True(archived.Contains(line) || File.ReadAllLines(shop.Location).Contains(line)));

        var again = await RunAsync(second, shop, rule);

        Assert.Equal(RunState.Succeeded, again.State);
        Assert.Equal<IEnumerable<string>>(Log(-200, -199, -198), [.. (await AllArchivedAsync(second, shop)).Order(StringComparer.Ordinal)]);
        var left = await File.ReadAllLinesAsync(shop.Location, Cancel);
        Assert.Equal<IEnumerable<string>>([.. Log(-1, 0), "log never", "orders 1"], left);
        Assert.Empty(Directory.GetFiles(_home.Folder, "*.partial", SearchOption.AllDirectories));
        Assert.All((await second.Get<ReadRowRules>().ListRemovalsAsync(Actor.LocalAdministrator, shop.Id, 0, 10, Cancel)).Removals, removal => Assert.NotNull(removal.EndedAt));
    }

    [Fact]
    public async Task A_rule_that_is_lengthened_before_its_archive_is_worked_off_takes_no_young_row_and_writes_none_twice()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, -150, -100, 0));
        house.Engine.Strike(EngineStep.RemoveRows, new DroppedConnection());
        await RunAsync(house, shop, await SaveAsync(house, shop, ArchiveKind.File, most: 100));
        house.Engine.Heal(EngineStep.RemoveRows);
        List<(RunState State, bool IsDone)> ends = [];
        List<string[]> left = [];

        foreach (var days in new[] { 300, 120, 90 })
        {
            var run = await RunAsync(house, shop, await SaveAsync(house, shop, ArchiveKind.File, most: 100, days: days));
            var archive = Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel));
            ends.Add((run.State, archive.IsDone));
            left.Add([.. (await File.ReadAllLinesAsync(shop.Location, Cancel)).Where(line => line != "log never" && line != "orders 1")]);
        }

        Assert.Equal([(RunState.Succeeded, false), (RunState.Succeeded, false), (RunState.Succeeded, true)], ends);
        Assert.Equal([Log(-200, -150, -100, 0), Log(-100, 0), Log(0)], left);
        Assert.Equal<IEnumerable<string>>(Log(-200, -150, -100), await AllArchivedAsync(house, shop));
    }

    [Fact]
    public async Task Cancelled_it_says_what_is_gone_and_goes_on_from_there()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, -199, -198, -197, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.Table, most: 100);
        var pieces = 0;
        var slow = new SlowStep();
        house.Engine.Strike(EngineStep.RemoveRows, new Meanwhile(() =>
        {
            if (++pieces == 2)
            {
                house.Engine.Strike(EngineStep.AfterRemovingRows, slow);
            }
        }));
        var run = await house.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, false, null, Cancel);
        await slow.Reached;

        await house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);
        var ended = await house.EndOfAsync(run);
        house.Engine.Heal(EngineStep.AfterRemovingRows);
        house.Engine.Heal(EngineStep.RemoveRows);
        await RunAsync(house, shop, rule);

        Assert.Equal(RunState.Cancelled, ended.State);
        Assert.Contains("2 rows are removed and stay so. The next run goes on from there.", ended.Summary, StringComparison.Ordinal);
        Assert.Equal(4, (await File.ReadAllLinesAsync(shop.Location, Cancel)).Count(line => line.StartsWith("old ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_archive_that_is_not_what_was_written_removes_nothing()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.File);
        house.Engine.Strike(EngineStep.RemoveRows, new DroppedConnection());
        await RunAsync(house, shop, rule);
        var file = Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel));
        var bytes = await File.ReadAllBytesAsync(file.FilePath, Cancel);
        house.Engine.Heal(EngineStep.RemoveRows);

        await File.WriteAllBytesAsync(file.FilePath, [.. bytes, 0, 0, 0, 0], Cancel);
        var damaged = await RunAsync(house, shop, rule);
        File.Delete(file.FilePath);
        var gone = await RunAsync(house, shop, rule);
        Assert.Equal(Log(-200, 0).Length + 2, (await File.ReadAllLinesAsync(shop.Location, Cancel)).Length);
        await File.WriteAllBytesAsync(file.FilePath, bytes, Cancel);
        var back = await RunAsync(house, shop, rule);

        Assert.Equal((RunState.Failed, RunState.Failed, RunState.Succeeded), (damaged.State, gone.State, back.State));
        Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel));
    }

    [Fact]
    public async Task What_is_archived_goes_when_its_second_age_is_over()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-400, -390, -100, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.File, most: 100, days: 380);
        await RunAsync(house, shop, rule);
        var first = Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel));

        var same = await SaveAsync(house, shop, ArchiveKind.File, most: 100, days: 90, purge: 385);
        var run = await RunAsync(house, shop, same);

        Assert.EndsWith("Purged 2 rows of the archive.", run.Summary, StringComparison.Ordinal);
        Assert.False(File.Exists(first.FilePath));
        Assert.Equal(Log(-100), await ReadAsync(Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel))));
    }

    [Theory]
    [InlineData(0, 50, null, "UTC", null)]
    [InlineData(90, 0, null, "UTC", null)]
    [InlineData(90, 50, 90, "UTC", null)]
    [InlineData(90, 50, null, "Nowhere/Land", null)]
    [InlineData(90, 50, null, "UTC", "1 = 1) OR (1 = 1")]
    public async Task A_rule_that_can_not_be_is_never_stored(int days, int most, int? purge, string zone, string? condition)
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, 0));

        await Assert.ThrowsAsync<DatabaseException>(() => SaveAsync(house, shop, ArchiveKind.File, most, days, purge, zone, condition));

        Assert.Empty(await house.Get<ReadRowRules>().ListAsync(Actor.LocalAdministrator, shop.Id, Cancel));
    }

    [Fact]
    public async Task A_removed_rule_takes_its_schedule_along_and_leaves_files_and_history()
    {
        var house = await StartAsync();
        var shop = await RegisterAsync(house, Log(-200, 0));
        var rule = await SaveAsync(house, shop, ArchiveKind.File);
        await RunAsync(house, shop, rule);
        await house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Retention, true, "0 3 * * *", "UTC", Cancel, new RetentionArguments(rule.Id));

        await house.Get<SaveRowRule>().RemoveAsync(Actor.LocalAdministrator, shop, rule.Id, Cancel);

        Assert.Empty(await house.Get<ReadRowRules>().ListAsync(Actor.LocalAdministrator, shop.Id, Cancel));
        Assert.Equal(0, _home.Look(store => store.Schedules.Count(schedule => schedule.Job == JobKeys.Retention)));
        Assert.Single(await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel));
    }

    [Fact]
    public async Task Days_of_a_log_are_those_of_the_setting()
    {
        await using var house = new House(_home, options: options => options.LogRetentionDays = 30);

        Assert.Equal((30, 365), (house.Get<LookAtRows>().UsualDays("app_log"), house.Get<LookAtRows>().UsualDays("orders")));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in _houses)
        {
            await house.DisposeAsync();
        }

        _home.Dispose();
    }

    private static string Day(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string[] Log(params int[] days) => [.. days.Select(day => $"log {Day(day)}")];

    private async Task<House> StartAsync()
    {
        var house = new House(_home, new HurriedTime());
        _houses.Add(house);
        return await house.StartAsync();
    }

    private static Task<Database> RegisterAsync(House house, string[] log) => house.RegisterAsync("shop", [.. log, "log never", "orders 1"]);

    private static Task<RowRule> SaveAsync(House house, Database shop, ArchiveKind archive, int most = 50, int days = 90, int? purge = null, string zone = "UTC", string? condition = null) =>
        house.Get<SaveRowRule>().SaveAsync(
            Actor.LocalAdministrator,
            shop,
            new RowRule { Id = Guid.Empty, DatabaseId = shop.Id, Table = "log", Column = "day", Kind = TimeKind.IsoText, Zone = zone, Days = days, Archive = archive, ArchiveTable = "old", MostPercent = most, PurgeDays = purge, Condition = condition, ChangedAt = default },
            Cancel);

    private static async Task<Run> RunAsync(House house, Database shop, RowRule rule) =>
        await house.EndOfAsync(await house.Get<AskForRetention>().AskAsync(Actor.LocalAdministrator, shop, rule.Id, false, shop.Name, Cancel));

    private static async Task<string[]> ReadAsync(RowArchive archive)
    {
        using var content = new MemoryStream();
        await Artefact.ReadAsync(archive.FilePath, Compression.Fast, content, null, Cancel);
        return Encoding.UTF8.GetString(content.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<List<string>> AllArchivedAsync(House house, Database shop)
    {
        List<string> all = [];
        foreach (var archive in await house.Get<ReadRowRules>().ListArchivesAsync(Actor.LocalAdministrator, shop.Id, Cancel))
        {
            all.AddRange(await ReadAsync(archive));
        }

        return all;
    }
}
