using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

/// <summary>A backup that is lost in any way counts nowhere, and what counts is the same everywhere.</summary>
public sealed class GoodBackupTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public GoodBackupTests() => _house = new House(_home);

    /// <summary>Ways in which a backup that was good no longer is, and the word that tells of it.</summary>
    public static TheoryData<string, string> Losses => new()
    {
        { "file removed", "1 missing" },
        { "file moved into a folder beside it", "1 missing" },
        { "file cut short", "1 damaged" },
        { "file emptied", "1 damaged" },
        { "file longer", "1 damaged" },
        { "link to what is away", "1 missing" },
        { "folder away", "1 not reachable" },
        { "damage found by a check", "1 damaged" },
        { "one byte turned and checked", "1 damaged" },
        { "not whole", "1 not proven whole" },
        { "written and never read", "1 not proven whole" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task The_only_backup_that_is_lost_counts_nowhere(string loss, string words)
    {
        var (shop, backup) = await StartAsync();
        Assert.Equal(DatabaseStatus.Healthy, (await JudgeAsync(shop)).Status);

        await LoseAsync(shop, backup, loss);

        var row = (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, shop.Slug, Cancel))!;
        var isLoss = !words.EndsWith("whole", StringComparison.Ordinal);
        Assert.Null(row.Standing.LastGoodAt);
        Assert.False(row.Standing.IsKeptAt(_home.Time.GetUtcNow()));
        Assert.Equal(words, row.Standing.Troubles.Counts);
        var judged = await JudgeAsync(shop);
        Assert.Equal(isLoss ? DatabaseStatus.Critical : DatabaseStatus.Attention, judged.Status);
        Assert.StartsWith($"No good backup {(isLoss ? "is left" : "yet")}: {words}.", judged.Sentence, StringComparison.Ordinal);

        Assert.Equal(HealthVerdict.Fail, (await AskAsync(shop, "backup-age")).Verdict);
        Assert.Equal(isLoss ? HealthVerdict.Fail : HealthVerdict.Warn, (await AskAsync(shop, "backups-checked")).Verdict);
        var listed = Assert.Single((await _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, shop.Id, false, 0, 9, Cancel)).Backups);
        Assert.False(listed.IsLastGood);
        Assert.False(listed.Backup.IsGood);
        if (isLoss)
        {
            Assert.NotNull((await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, backup.Id, Cancel))!.Blocker);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Beside_a_lost_one_the_other_is_the_last_good_one(string loss, string words)
    {
        var (shop, first) = await StartAsync();
        _home.Time.Advance(TimeSpan.FromHours(1));
        var second = await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromMinutes(7));
        if (loss == "folder away")
        {
            // Both are in it: the first is moved to another place, as after a change of the folder.
            var elsewhere = Directory.CreateDirectory(Path.Combine(_home.Folder, "elsewhere")).FullName;
            File.Move(first.FilePath, Path.Combine(elsewhere, first.FileName));
            Set(first, row => row.Folder = elsewhere);
        }

        await LoseAsync(shop, second, loss);

        await Assert.ThrowsAsync<NameNeededException>(() => _house.Get<DeleteBackup>().DeleteAsync(Actor.LocalAdministrator, first.Id, null, Cancel));
        var row = (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, shop.Slug, Cancel))!;
        Assert.Equal((first.TakenAt, first.Id), (row.Standing.LastGoodAt, row.Standing.LastGoodId));
        var judged = await JudgeAsync(shop);
        Assert.Equal(DatabaseStatus.Attention, judged.Status);
        Assert.StartsWith($"Newest good backup 1 h 7 min old; {words}.", judged.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a later backup")]
    [InlineData("a deletion")]
    [InlineData("the file is back")]
    public async Task A_cure_clears_it_at_once(string cure)
    {
        var (shop, first) = await StartAsync();
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromMinutes(7));
        File.Move(first.FilePath, first.FilePath + ".elsewhere");
        await LookAsync();
        await EndOfHealthAsync(shop);
        Assert.StartsWith("Newest good backup 7 min old; 1 missing.", (await JudgeAsync(shop)).Sentence, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Fail, (await LineAsync(shop, "backups-checked")).Last!.Verdict);

        _home.Time.Advance(TimeSpan.FromMinutes(1));
        switch (cure)
        {
            case "a later backup": await _house.BackUpAsync(shop); break;
            case "a deletion": await _house.Get<DeleteBackup>().DeleteAsync(Actor.LocalAdministrator, first.Id, null, Cancel); break;
            default:
                File.Move(first.FilePath + ".elsewhere", first.FilePath);
                await LookAsync();
                break;
        }

        // The health run was before the cure; nothing of it may ask for what is done.
        var judged = await JudgeAsync(shop);
        Assert.Equal(DatabaseStatus.Healthy, judged.Status);
        Assert.DoesNotContain("checked”", judged.Sentence, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Pass, (await LineAsync(shop, "backups-checked")).Last!.Verdict);
        var overview = await _house.Get<ReadHealth>().ReadAsync(Actor.LocalAdministrator, shop, Cancel);
        Assert.Equal(overview.Last!.Total, overview.Last.Passed);
    }

    [Fact]
    public async Task A_check_that_passes_takes_back_what_a_check_found()
    {
        var (shop, backup) = await StartAsync();
        var whole = await File.ReadAllBytesAsync(backup.FilePath, Cancel);
        await LoseAsync(shop, backup, "one byte turned and checked");
        Assert.Equal(DatabaseStatus.Critical, (await JudgeAsync(shop)).Status);

        await File.WriteAllBytesAsync(backup.FilePath, whole, Cancel);
        await CheckAsync(backup);

        Assert.Equal(DatabaseStatus.Healthy, (await JudgeAsync(shop)).Status);
    }

    [Fact]
    public async Task A_good_backup_taken_before_the_finding_does_not_hide_it()
    {
        var (shop, first) = await StartAsync();
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromMinutes(7));

        await LoseAsync(shop, first, "one byte turned and checked");

        var judged = await JudgeAsync(shop);
        Assert.Equal((DatabaseStatus.Attention, "Newest good backup 7 min old; 1 damaged. Back up now."), (judged.Status, judged.Sentence));
    }

    [Fact]
    public async Task Every_page_hears_of_a_loss_and_of_its_end()
    {
        var (shop, backup) = await StartAsync();
        await LookAsync();
        var quiet = _house.Feed.Snapshot().Version;
        await LookAsync();
        Assert.Equal(quiet, _house.Feed.Snapshot().Version);

        File.Move(backup.FilePath, backup.FilePath + ".elsewhere");
        await LookAsync();
        var lost = _house.Feed.Snapshot().Version;
        File.Move(backup.FilePath + ".elsewhere", backup.FilePath);
        await _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, shop.Id, false, 0, 9, Cancel);

        Assert.True(lost > quiet);
        Assert.True(_house.Feed.Snapshot().Version > lost);
    }

    [Fact]
    public async Task A_folder_that_is_away_deletes_nothing_and_comes_back_with_all()
    {
        var (shop, _) = await StartAsync();
        for (var more = 0; more < 3; more++)
        {
            _home.Time.Advance(TimeSpan.FromHours(1));
            await _house.BackUpAsync(shop);
        }

        var folder = _house.FolderOf(shop);
        Directory.Move(folder, folder + "-away");
        await LookAsync();
        Assert.Equal("No good backup is left: 4 not reachable. Mount the disk of the backup folder, or back up now.", (await JudgeAsync(shop)).Sentence);

        Directory.Move(folder + "-away", folder);
        await LookAsync();

        Assert.Equal(DatabaseStatus.Healthy, (await JudgeAsync(shop)).Status);
        Assert.Equal(4, _home.Look(store => store.Backups.AsEnumerable().Count(backup => backup.IsGood && backup.FileSince is null)));
    }

    [Fact]
    public async Task An_undo_copy_counts_for_nothing()
    {
        var (shop, backup) = await StartAsync();
        Assert.Equal(RunState.Succeeded, (await _house.RestoreAsync(backup)).State);
        Assert.Equal(2, _home.Look(store => store.Backups.Count()));

        File.Delete(backup.FilePath);
        await LookAsync();

        Assert.Equal(DatabaseStatus.Critical, (await JudgeAsync(shop)).Status);
    }

    [Fact]
    public async Task The_last_good_one_in_the_trash_is_not_purged_by_the_clock()
    {
        var (shop, first) = await StartAsync();
        _home.Time.Advance(TimeSpan.FromHours(1));
        var second = await _house.BackUpAsync(shop);
        await _house.Get<DeleteBackup>().DeleteAsync(Actor.LocalAdministrator, first.Id, null, Cancel);
        await LoseAsync(shop, second, "one byte turned and checked");
        _home.Time.Advance(TimeSpan.FromDays(31));

        await _house.Get<DeleteBackup>().PurgeExpiredAsync(Cancel);

        Assert.True(File.Exists(first.FilePath));
        var row = Assert.Single((await _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, shop.Id, true, 0, 9, Cancel)).Backups);
        Assert.True(row.IsLastGood);

        await _house.BackUpAsync(shop);
        await _house.Get<DeleteBackup>().PurgeExpiredAsync(Cancel);
        Assert.False(File.Exists(first.FilePath));
    }

    [Fact]
    public async Task A_failure_is_no_news_after_a_backup_that_is_not_whole()
    {
        var (shop, _) = await StartAsync();
        _home.Time.Advance(TimeSpan.FromHours(1));
        var failed = await _house.EndOfAsync(await _house.AskAsync("backup", shop));
        _home.Change(store => store.Runs.Where(run => run.Id == failed.Id).ExecuteUpdate(run => run.SetProperty(row => row.State, RunState.Failed).SetProperty(row => row.Problem, "No space.")));
        _home.Change(store => store.Backups.Where(backup => backup.RunId == failed.Id).ExecuteDelete());
        Assert.StartsWith("The last backup failed", (await JudgeAsync(shop)).Sentence, StringComparison.Ordinal);

        _home.Time.Advance(TimeSpan.FromHours(1));
        var third = await _house.BackUpAsync(shop);
        await LoseAsync(shop, third, "not whole");

        Assert.StartsWith("Newest good backup 2 h old; 1 not proven whole. ", (await JudgeAsync(shop)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_names_what_keeps_a_backup_from_being_whole_and_what_helps()
    {
        var (shop, _) = await StartAsync();
        _house.Engine.Warnings.Add("2 rows of orders reference parents missing in people (orders_customer). A restore stops there.");
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        var judged = await JudgeAsync(shop);

        Assert.Equal("Newest good backup 1 h old; 1 not proven whole. Correct what it names, then back up again.", judged.Sentence);
        Assert.Equal(_house.Engine.Warnings, judged.Lines);

        _house.Engine.Warnings.Clear();
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        await _house.BackUpAsync(shop);
        Assert.Empty((await JudgeAsync(shop)).Lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<(Database Shop, Backup Backup)> StartAsync()
    {
        await _house.StartAsync();
        var shop = await _house.RegisterAsync("Shop", "orders 10", "customers 1");
        return (shop, await _house.BackUpAsync(shop));
    }

    private async Task LoseAsync(Database shop, Backup backup, string loss)
    {
        switch (loss)
        {
            case "file removed":
                File.Delete(backup.FilePath);
                break;
            case "file moved into a folder beside it":
                Directory.CreateDirectory(Path.Combine(backup.Folder, "old"));
                File.Move(backup.FilePath, Path.Combine(backup.Folder, "old", backup.FileName));
                break;
            case "file cut short":
                await using (var file = File.OpenWrite(backup.FilePath))
                {
                    file.SetLength(backup.SizeBytes - 1);
                }

                break;
            case "file emptied":
                await File.WriteAllTextAsync(backup.FilePath, "", Cancel);
                break;
            case "file longer":
                await File.AppendAllTextAsync(backup.FilePath, "x", Cancel);
                break;
            case "link to what is away":
                File.Delete(backup.FilePath);
                File.CreateSymbolicLink(backup.FilePath, Path.Combine(_home.Folder, "another-disk", backup.FileName));
                break;
            case "folder away":
                Directory.Move(_house.FolderOf(shop), _house.FolderOf(shop) + "-away");
                break;
            case "damage found by a check":
                Set(backup, row => (row.Level, row.Problem, row.CheckedAt) = (CheckLevel.Invalid, "Page 10 is damaged.", _home.Time.GetUtcNow()));
                break;
            case "one byte turned and checked":
                var bytes = await File.ReadAllBytesAsync(backup.FilePath, Cancel);
                bytes[^5] ^= 1;
                await File.WriteAllBytesAsync(backup.FilePath, bytes, Cancel);
                await CheckAsync(backup);
                break;
            case "not whole":
                Set(backup, row => row.Problem = "One table was skipped.");
                break;
            default:
                Set(backup, row => row.Level = CheckLevel.ReadBack);
                break;
        }

        await LookAsync();
    }

    private void Set(Backup backup, Action<Backup> change) => _home.Change(store => change(store.Backups.Single(row => row.Id == backup.Id)));

    private async Task CheckAsync(Backup backup) =>
        await _house.EndOfAsync(await _house.Get<AskForRestore>().CheckAsync(Actor.LocalAdministrator, backup.Id, Cancel));

    private async Task EndOfHealthAsync(Database shop) => await _house.EndOfAsync(await _house.AskAsync(JobKeys.Health, shop));

    private Task LookAsync() => _house.Get<WatchBackupFiles>().LookAsync(Cancel);

    private async Task<Judgement> JudgeAsync(Database shop)
    {
        var row = (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, shop.Slug, Cancel))!;
        var reading = new DatabaseReading(new DatabaseState(_home.Time.GetUtcNow(), 1, "Lines 1", []), null, null, _home.Time.GetUtcNow());
        return JudgeDatabase.Judge(reading, row.Standing, row.Health, false, _home.Time.GetUtcNow());
    }

    private async Task<HealthLine> LineAsync(Database shop, string key) =>
        (await _house.Get<ReadHealth>().ReadAsync(Actor.LocalAdministrator, shop, Cancel)).Lines.Single(line => line.Check.Key == key);

    private Task<HealthAnswer> AskAsync(Database shop, string key)
    {
        var check = _house.All<IDatabaseHealthCheck>().Single(check => check.Description.Key == key);
        return check.LookAsync(new HealthQuestion(shop, new HealthValues(check.Description.Fields, new Dictionary<string, string>()), RunProgress.None), Cancel);
    }
}
