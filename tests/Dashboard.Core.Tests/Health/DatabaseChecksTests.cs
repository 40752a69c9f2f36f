using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Health;

/// <summary>The checks of every database, whatever its engine.</summary>
public sealed class DatabaseChecksTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public DatabaseChecksTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Required_tables_are_there_with_their_rows()
    {
        var shop = await StartAsync();
        foreach (var (tables, verdict, evidence) in new[]
        {
            ("orders", HealthVerdict.Pass, "It is there: orders (2 rows)."),
            ("orders >= 2\ncustomers", HealthVerdict.Pass, "All are there: orders (2 rows) and customers (1 row)."),
            ("orders >= 3\ncustomers", HealthVerdict.Fail, "The table orders has 2 rows; 3 are the least."),
            ("orders\ninvoices", HealthVerdict.Fail, "The table invoices is missing."),
        })
        {
            Assert.Equal((verdict, evidence), Pair(await LookAsync(shop, "tables", ("tables", tables))));
        }
    }

    [Fact]
    public async Task The_age_of_the_last_good_backup_has_a_goal()
    {
        var shop = await StartAsync();
        Assert.Equal(HealthVerdict.Fail, (await LookAsync(shop, "backup-age")).Verdict);

        await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromHours(27));

        Assert.Equal((HealthVerdict.Pass, "The last good backup is 27 h old; the goal is 7 days."), Pair(await LookAsync(shop, "backup-age")));
        Assert.Equal((HealthVerdict.Fail, "The last good backup is 27 h old; the goal is 24 h."), Pair(await LookAsync(shop, "backup-age", ("goal", "24"))));
        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Backup, isOn: true, SetSchedule.Daily, "Etc/UTC", Cancel);
        Assert.Equal((HealthVerdict.Fail, "The last good backup is 27 h old; the goal is 26 h."), Pair(await LookAsync(shop, "backup-age")));
    }

    [Fact]
    public async Task Backups_of_the_last_days_are_there_and_checked()
    {
        var shop = await StartAsync();
        var backup = await _house.BackUpAsync(shop);
        Assert.Equal((HealthVerdict.Pass, "The one good backup of the last 7 days is there and checked."), Pair(await LookAsync(shop, "backups-checked")));

        Set(backup, CheckLevel.ReadBack);
        Assert.Equal((HealthVerdict.Warn, $"1 backup of the last 7 days was not checked or is not whole: {backup.FileName}."), Pair(await LookAsync(shop, "backups-checked")));
        Set(backup, CheckLevel.Invalid);
        Assert.Equal((HealthVerdict.Fail, $"1 backup of the last 7 days is damaged: {backup.FileName}."), Pair(await LookAsync(shop, "backups-checked")));
        File.Delete(backup.FilePath);
        await _house.Get<WatchBackupFiles>().LookAsync(Cancel);
        Assert.Equal((HealthVerdict.Fail, $"1 backup of the last 7 days is missing: {backup.FileName}."), Pair(await LookAsync(shop, "backups-checked")));

        _home.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal((HealthVerdict.Pass, "There is no backup of the last 7 days to check."), Pair(await LookAsync(shop, "backups-checked")));
    }

    [Fact]
    public async Task The_next_backup_needs_room()
    {
        var shop = await StartAsync();
        Assert.Equal(HealthVerdict.Pass, (await LookAsync(shop, "backup-space")).Verdict);

        // A hole of many terabytes takes no room itself, and no disk has room for a copy of it.
        await using (var file = File.OpenWrite(shop.Location))
        {
            file.SetLength(8L << 40);
        }

        var answer = await LookAsync(shop, "backup-space");
        Assert.Equal(HealthVerdict.Fail, answer.Verdict);
        Assert.EndsWith("the next backup takes 16.0 TiB at most.", answer.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backups_within_a_git_tree_could_be_published()
    {
        var shop = await StartAsync();
        Assert.Equal(HealthVerdict.Pass, (await LookAsync(shop, "backup-place")).Verdict);
        Assert.Equal(HealthVerdict.Warn, (await LookAsync(shop, "backup-place", ("same-disk", "warn"))).Verdict);

        Directory.CreateDirectory(Path.Combine(_home.Data.Path, ".git"));

        var answer = await LookAsync(shop, "backup-place");
        Assert.Equal((HealthVerdict.Warn, true), (answer.Verdict, answer.Evidence.Contains($"within the git working tree {_home.Data.Path}", StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static (HealthVerdict Verdict, string Evidence) Pair(HealthAnswer answer) => (answer.Verdict, answer.Evidence);

    private void Set(Backup backup, CheckLevel level) => _home.Change(store => store.Backups.Single(row => row.Id == backup.Id).Level = level);

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10", "orders 11", "customers 1");
    }

    private Task<HealthAnswer> LookAsync(Database database, string key, params (string Key, string Value)[] values)
    {
        var check = _house.All<IDatabaseHealthCheck>().Single(check => check.Description.Key == key);
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Cancel);
    }
}
