using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

/// <summary>Backups go to the folder that was set up and nowhere else.</summary>
public sealed class BackupPlacesTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly string _nas;
    private readonly House _house;

    public BackupPlacesTests()
    {
        _nas = Directory.CreateDirectory(Path.Combine(_home.Folder, "nas")).FullName;
        _house = new House(_home, options: options => options.BackupFolder = _nas);
    }

    /// <summary>What a mount point looks like when its disk is not there.</summary>
    public static TheoryData<string> Absences => ["empty mount point", "no mount point", "another dashboard's folder", "marker unreadable", "old backups beneath the mount point"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Absences))]
    public async Task Without_its_disk_no_backup_is_taken_and_nothing_is_created(string absence)
    {
        var (shop, backup) = await StartAsync();
        await TakeAwayAsync(absence);
        var before = Entries();

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));
        var undo = await Assert.ThrowsAnyAsync<Exception>(() => _house.RestoreAsync(backup));
        await _house.BackupsOnceSweptAsync();
        await _house.Get<DeleteBackup>().PurgeExpiredAsync(Cancel);
        var checks = _house.All<IInstallationHealthCheck>().Single(check => check.Description.Key == "folders");
        var folders = await checks.LookAsync(new HealthQuestion(null, new HealthValues(checks.Description.Fields, new Dictionary<string, string>()), RunProgress.None), Cancel);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains(_nas, run.Problem, StringComparison.Ordinal);
        Assert.Contains("Mount its disk", run.NextStep, StringComparison.Ordinal);
        Assert.IsAssignableFrom<DatabaseException>(undo);
        Assert.Equal(HealthVerdict.Fail, folders.Verdict);
        Assert.False((await _house.Get<ReadReadiness>().ReadAsync(Cancel)).IsReady);
        Assert.Equal(before, Entries());
    }

    [Theory]
    [MemberData(nameof(Absences))]
    public async Task It_is_critical_at_once_and_well_again_when_the_disk_is_back(string absence)
    {
        var (shop, _) = await StartAsync();
        await TakeAwayAsync(absence);
        await _house.Get<WatchBackupFiles>().LookAsync(Cancel);
        var judged = await JudgeAsync(shop);
        Assert.Equal(DatabaseStatus.Critical, judged.Status);
        Assert.StartsWith("No backup can be taken.", judged.Sentence, StringComparison.Ordinal);
        Assert.Contains(_nas, judged.Sentence, StringComparison.Ordinal);

        if (Directory.Exists(_nas))
        {
            Directory.Delete(_nas, recursive: true);
        }

        Directory.Move(_nas + "-away", _nas);
        await _house.Get<WatchBackupFiles>().LookAsync(Cancel);

        Assert.Equal(DatabaseStatus.Healthy, (await JudgeAsync(shop)).Status);
        Assert.True((await _house.Get<ReadReadiness>().ReadAsync(Cancel)).IsReady);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        await _house.BackUpAsync(shop);
    }

    [Fact]
    public async Task Backups_of_a_disk_that_is_away_are_not_reachable_rather_than_missing()
    {
        var (shop, _) = await StartAsync();
        await TakeAwayAsync("old backups beneath the mount point");

        await _house.Get<WatchBackupFiles>().LookAsync(Cancel);

        var row = (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, shop.Slug, Cancel))!;
        Assert.Equal("1 not reachable", row.Standing.Troubles.Counts);
        Assert.False(row.Standing.IsKeptAt(_home.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_folder_of_its_own_obeys_the_same_rule()
    {
        var (shop, _) = await StartAsync();
        var own = Path.Combine(_home.Folder, "own");
        var edit = new DatabaseEdit(shop.Name, shop.Location, own, false);
        var asked = await Assert.ThrowsAsync<FolderConsentException>(() => _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, shop.Id, edit, Cancel));
        Assert.Equal(FolderConsent.Create, asked.Needed);
        Assert.False(Directory.Exists(own));
        await _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, shop.Id, edit with { Consent = FolderConsent.Create }, Cancel);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith(own, (await _house.BackUpAsync(shop)).Folder, StringComparison.Ordinal);

        Directory.Move(own, own + "-away");
        Directory.CreateDirectory(own);

        Assert.Equal(RunState.Failed, (await _house.EndOfAsync(await _house.AskAsync("backup", shop))).State);
        Assert.Empty(Directory.EnumerateFileSystemEntries(own));
    }

    [Fact]
    public async Task An_older_installation_gets_its_marker_once()
    {
        var (shop, _) = await StartAsync();
        await _house.StopAsync();
        ForgetMarkers();

        await using (var first = new House(_home, options: options => options.BackupFolder = _nas))
        {
            await first.BackupsOnceSweptAsync();
            Assert.True(File.Exists(Path.Combine(_nas, BackupPlaces.MarkerName)));
        }

        // Once: a marker that goes later is not made again by what lies there.
        File.Delete(Path.Combine(_nas, BackupPlaces.MarkerName));
        await using var second = new House(_home, options: options => options.BackupFolder = _nas);
        await second.BackupsOnceSweptAsync();
        Assert.False(second.Get<BackupFolders>().PlaceOf(shop).IsReady);
        Assert.False(File.Exists(Path.Combine(_nas, BackupPlaces.MarkerName)));
    }

    [Fact]
    public async Task An_older_installation_whose_disk_is_away_at_its_first_start_marks_nothing()
    {
        var (shop, _) = await StartAsync();
        await _house.StopAsync();
        ForgetMarkers();
        await TakeAwayAsync("empty mount point");

        await using var next = new House(_home, options: options => options.BackupFolder = _nas);
        await next.BackupsOnceSweptAsync();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_nas));
        Assert.False(next.Get<BackupFolders>().PlaceOf(shop).IsReady);
    }

    [Fact]
    public async Task A_person_may_say_that_it_is_the_right_folder()
    {
        var (shop, _) = await StartAsync();
        File.Delete(Path.Combine(_nas, BackupPlaces.MarkerName));
        Assert.Equal(RunState.Failed, (await _house.EndOfAsync(await _house.AskAsync("backup", shop))).State);
        Assert.Throws<PermissionDeniedException>(() => _house.Get<SaveSettings>().Use(Actor.Schedule, _nas));

        _house.Get<SaveSettings>().Use(Actor.LocalAdministrator, _nas);

        _home.Time.Advance(TimeSpan.FromMinutes(1));
        await _house.BackUpAsync(shop);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/etc")]
    [InlineData("/etc/backups")]
    [InlineData("/usr/lib/dashboard")]
    [InlineData("/usr")]
    [InlineData("/proc/self")]
    [InlineData("/sys/fs")]
    [InlineData("/dev/shm/backups")]
    [InlineData("/boot/")]
    [InlineData("/bin/x")]
    [InlineData("/tmp")]
    [InlineData("/home")]
    [InlineData("/mnt/../etc")]
    [InlineData("/var/lib")]
    [InlineData("/root")]
    public void A_folder_of_the_system_is_refused(string folder)
    {
        var places = _house.Get<BackupPlaces>();

        var refused = Assert.Throws<DatabaseException>(() => places.Choose(folder, FolderConsent.Create | FolderConsent.Adopt));

        Assert.Contains("folder of the system", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_a_folder_of_the_system_is_refused()
    {
        var link = Path.Combine(_home.Folder, "link");
        Directory.CreateSymbolicLink(link, "/etc");

        Assert.Throws<DatabaseException>(() => _house.Get<BackupPlaces>().Choose(Path.Combine(link, "backups"), FolderConsent.Create));
    }

    [Fact]
    public async Task The_settings_tell_the_disk_and_who_shares_it()
    {
        var (shop, _) = await StartAsync();

        var row = Assert.Single(await _house.Get<ReadBackupPlaces>().ListAsync(Actor.LocalAdministrator, Cancel));

        Assert.Equal((_nas, true, true), (row.Place.Folder, row.Place.IsReady, row.IsOfSettings));
        Assert.True(row.Disk!.FreeBytes > 0);
        Assert.Equal([shop.Id], row.Of.Select(database => database.Id));
        Assert.Equal([shop.Id], row.OnSameDisk.Select(database => database.Id));
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

    private async Task TakeAwayAsync(string absence)
    {
        Directory.Move(_nas, _nas + "-away");
        if (absence == "no mount point")
        {
            return;
        }

        Directory.CreateDirectory(_nas);
        var marker = Path.Combine(_nas, BackupPlaces.MarkerName);
        switch (absence)
        {
            case "another dashboard's folder":
                await File.WriteAllTextAsync(marker, $$"""{ "Installation": "{{Guid.NewGuid()}}", "Note": "" }""", Cancel);
                break;
            case "marker unreadable":
                await File.WriteAllTextAsync(marker, "{ torn", Cancel);
                break;
            case "old backups beneath the mount point":
                Directory.CreateDirectory(Path.Combine(_nas, "shop"));
                await File.WriteAllTextAsync(Path.Combine(_nas, "shop", "left.partial"), "", Cancel);
                break;
        }
    }

    private List<string> Entries() => Directory.Exists(_nas) ? [.. Directory.EnumerateFileSystemEntries(_nas, "*", SearchOption.AllDirectories).Order()] : [];

    private void ForgetMarkers()
    {
        File.Delete(Path.Combine(_home.Data.Path, "backup-folders.json"));
        File.Delete(Path.Combine(_nas, BackupPlaces.MarkerName));
    }

    private async Task<Judgement> JudgeAsync(Database shop)
    {
        var row = (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, shop.Slug, Cancel))!;
        var reading = new DatabaseReading(new DatabaseState(_home.Time.GetUtcNow(), 1, "Lines 1", []), null, null, _home.Time.GetUtcNow());
        return JudgeDatabase.Judge(reading, row.Standing, row.Health, false, _home.Time.GetUtcNow());
    }
}
