using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

public sealed class DeleteBackupTests : IAsyncDisposable
{
    private static readonly TimeSpan Trash = TimeSpan.FromDays(30);

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public DeleteBackupTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DeleteBackup Verb => _house.Get<DeleteBackup>();

    [Fact]
    public async Task A_deleted_backup_lies_in_the_trash_and_can_be_brought_back()
    {
        var (_, older, _) = await BackUpTwiceAsync();

        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel);

        var row = Assert.Single((await ListAsync(deleted: true)).Backups);
        Assert.Equal((older.Id, "Local administrator", _home.Time.GetUtcNow() + Trash), (row.Backup.Id, row.Backup.DeletedBy, row.PurgedAt));
        Assert.True(row.IsFileThere);
        await Assert.ThrowsAsync<DatabaseMissingException>(() => _house.RestoreAsync(older));

        await Verb.BringBackAsync(Actor.LocalAdministrator, older.Id, Cancel);

        Assert.Equal(2, (await ListAsync(deleted: false)).Total);
    }

    [Fact]
    public async Task The_last_good_one_asks_for_the_name()
    {
        var (_, older, newer) = await BackUpTwiceAsync();
        Assert.DoesNotContain((await ListAsync(deleted: false)).Backups, row => row.IsLastGood);
        await Verb.DeleteAsync(Actor.LocalAdministrator, newer.Id, null, Cancel);
        Assert.True(Assert.Single((await ListAsync(deleted: false)).Backups).IsLastGood);

        await Assert.ThrowsAsync<NameNeededException>(() => Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel));
        await Assert.ThrowsAsync<NameNeededException>(() => Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, "shop", Cancel));
        Assert.Null(Read(older)!.DeletedAt);

        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, "Shop", Cancel);

        Assert.NotNull(Read(older)!.DeletedAt);
    }

    [Theory]
    [InlineData(CheckLevel.Invalid, null)]
    [InlineData(CheckLevel.ReadBack, null)]
    [InlineData(CheckLevel.Compared, "One table was skipped.")]
    public async Task A_newer_one_that_is_not_good_does_not_count(CheckLevel level, string? problem)
    {
        var (_, older, newer) = await BackUpTwiceAsync();
        _home.Change(store => store.Backups.Where(backup => backup.Id == newer.Id).ExecuteUpdate(backup => backup.SetProperty(row => row.Level, level).SetProperty(row => row.Problem, problem)));

        await Assert.ThrowsAsync<NameNeededException>(() => Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel));
        await Verb.DeleteAsync(Actor.LocalAdministrator, newer.Id, null, Cancel);
    }

    [Fact]
    public async Task A_purge_asks_for_the_name_and_takes_file_and_manifest()
    {
        var (shop, older, _) = await BackUpTwiceAsync();
        await Assert.ThrowsAsync<DatabaseException>(() => Verb.PurgeAsync(Actor.LocalAdministrator, older.Id, "Shop", Cancel));
        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel);
        await Assert.ThrowsAsync<NameNeededException>(() => Verb.PurgeAsync(Actor.LocalAdministrator, older.Id, null, Cancel));

        await Verb.PurgeAsync(Actor.LocalAdministrator, older.Id, "Shop", Cancel);

        Assert.Null(Read(older));
        Assert.Equal(["shop_backup_20261122_110000.json", "shop_backup_20261122_110000.lines.zst"], Files(shop));
        Assert.Single(await _house.BackupsOnceSweptAsync());
    }

    [Fact]
    public async Task What_has_lain_for_its_days_goes_and_nothing_earlier()
    {
        var (_, older, newer) = await BackUpTwiceAsync();
        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel);
        _home.Time.Advance(Trash);
        await Verb.PurgeExpiredAsync(Cancel);
        Assert.NotNull(Read(older));

        _home.Time.Advance(TimeSpan.FromSeconds(1));
        await Verb.PurgeExpiredAsync(Cancel);

        Assert.Null(Read(older));
        Assert.NotNull(Read(newer));
    }

    [Fact]
    public async Task A_file_that_is_gone_already_does_not_hold_the_purge()
    {
        var (shop, older, _) = await BackUpTwiceAsync();
        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel);
        File.Delete(Path.Combine(older.Folder, older.FileName));
        _home.Time.Advance(Trash + TimeSpan.FromDays(1));

        await Verb.PurgeExpiredAsync(Cancel);

        Assert.Null(Read(older));
        Assert.Equal(2, Files(shop).Count);
    }

    [Fact]
    public async Task One_that_can_not_be_removed_says_so_and_keeps_none_of_the_others()
    {
        var (shop, older, newer) = await BackUpTwiceAsync();
        foreach (var backup in new[] { older, newer })
        {
            await Verb.DeleteAsync(Actor.LocalAdministrator, backup.Id, "Shop", Cancel);
        }

        File.Delete(Path.Combine(older.Folder, older.FileName));
        Directory.CreateDirectory(Path.Combine(older.Folder, older.FileName, "not ours"));
        _home.Time.Advance(Trash + TimeSpan.FromDays(1));

        await Verb.PurgeExpiredAsync(Cancel);

        Assert.StartsWith("Its file can't be removed:", Read(older)!.Problem, StringComparison.Ordinal);
        Assert.Null(Read(newer));
        Assert.Empty(Files(shop));
    }

    [Fact]
    public async Task A_share_that_is_away_does_not_turn_into_a_purge_that_never_was()
    {
        var (shop, older, _) = await BackUpTwiceAsync();
        await Verb.DeleteAsync(Actor.LocalAdministrator, older.Id, null, Cancel);
        _home.Time.Advance(Trash + TimeSpan.FromDays(1));
        Directory.Move(_house.FolderOf(shop), _house.FolderOf(shop) + "-away");

        await Verb.PurgeExpiredAsync(Cancel);
        Assert.StartsWith("Its file can't be removed:", Read(older)!.Problem, StringComparison.Ordinal);

        Directory.Move(_house.FolderOf(shop) + "-away", _house.FolderOf(shop));
        await Verb.PurgeExpiredAsync(Cancel);
        Assert.Null(Read(older));
        Assert.Equal(2, Files(shop).Count);
    }

    [Fact]
    public async Task The_schedule_may_neither_delete_nor_purge()
    {
        var (_, older, _) = await BackUpTwiceAsync();

        await Assert.ThrowsAsync<PermissionDeniedException>(() => Verb.DeleteAsync(Actor.Schedule, older.Id, "Shop", Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Verb.BringBackAsync(Actor.Schedule, older.Id, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => Verb.PurgeAsync(Actor.Schedule, older.Id, "Shop", Cancel));
    }

    [Fact]
    public async Task The_inventory_lists_the_newest_first_a_page_at_a_time()
    {
        var (shop, older, newer) = await BackUpTwiceAsync();

        var (first, total) = await _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, shop.Id, false, 0, 1, Cancel);
        var (second, _) = await _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, null, false, 1, 1, Cancel);

        Assert.Equal((2, newer.Id, older.Id), (total, first[0].Backup.Id, second[0].Backup.Id));
        Assert.Equal((Path.Combine(older.Folder, older.FileName), older.FileName), await _house.Get<ReadBackups>().FindDownloadAsync(Actor.LocalAdministrator, older.Id, Cancel));
        File.Delete(Path.Combine(older.Folder, older.FileName));
        Assert.Null(await _house.Get<ReadBackups>().FindDownloadAsync(Actor.LocalAdministrator, older.Id, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<(Database Shop, Backup Older, Backup Newer)> BackUpTwiceAsync()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _house.StartAsync();
        var older = await _house.BackUpAsync(shop);
        _home.Time.Advance(TimeSpan.FromHours(1));
        return (shop, older, await _house.BackUpAsync(shop));
    }

    private Task<(IReadOnlyList<BackupRow> Backups, int Total)> ListAsync(bool deleted) => _house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, null, deleted, 0, 50, Cancel);

    private Backup? Read(Backup backup) => _home.Look(store => store.Backups.AsNoTracking().SingleOrDefault(row => row.Id == backup.Id));

    private List<string> Files(Database shop) => [.. Directory.EnumerateFiles(_house.FolderOf(shop)).Select(file => Path.GetFileName(file)).Order()];
}
