using System.Text.Json.Nodes;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

public sealed class SweepBackupFoldersTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public SweepBackupFoldersTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Half_written_files_go_and_all_others_stay()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var folder = Directory.CreateDirectory(_house.FolderOf(shop)).FullName;
        foreach (var name in new[] { "a.lines.zst.partial", "a.work.partial", "a.work.partial-journal", "a.work.partial-wal", "a.json.partial", "notes.txt", "a.lines", "foreign.json" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), "{}", Cancel);
        }

        await SweepAsync();

        Assert.Equal(["a.lines", "foreign.json", "notes.txt"], Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order());
        Assert.Empty(_home.Look(store => store.Backups.ToList()));
    }

    [Fact]
    public async Task A_backup_whose_row_was_lost_is_taken_up_as_it_was()
    {
        var (_, backup) = await BackUpAsync();
        _home.Change(store => store.Backups.ExecuteDelete());

        await SweepAsync();
        await SweepAsync();

        var taken = _home.Look(store => store.Backups.AsNoTracking().Single());
        Assert.Equivalent(backup, taken);
    }

    [Fact]
    public async Task A_manifest_without_its_file_is_not_taken_up()
    {
        var (shop, backup) = await BackUpAsync();
        _home.Change(store => store.Backups.ExecuteDelete());
        File.Delete(Path.Combine(_house.FolderOf(shop), backup.FileName));

        await SweepAsync();

        Assert.Empty(_home.Look(store => store.Backups.ToList()));
    }

    [Theory]
    [InlineData("file", "../../../Shop.lines")]
    [InlineData("file", "/etc/hostname")]
    [InlineData("file", "")]
    [InlineData("rows", null)]
    [InlineData("sha256", null)]
    [InlineData("databaseId", "00000000-0000-0000-0000-000000000001")]
    [InlineData("compression", "Rar")]
    public async Task A_manifest_that_somebody_bent_is_not_taken_up(string key, string? value)
    {
        var (shop, _) = await BackUpAsync();
        _home.Change(store => store.Backups.ExecuteDelete());
        var path = Directory.EnumerateFiles(_house.FolderOf(shop), "*.json").Single();
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Cancel))!;
        manifest[key] = value;
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Cancel);

        await SweepAsync();

        Assert.Empty(_home.Look(store => store.Backups.ToList()));
    }

    [Fact]
    public async Task A_copied_manifest_makes_no_second_backup_of_one_file()
    {
        var (shop, _) = await BackUpAsync();
        var path = Directory.EnumerateFiles(_house.FolderOf(shop), "*.json").Single();
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Cancel))!;
        manifest["id"] = Guid.NewGuid().ToString();
        await File.WriteAllTextAsync(path.Replace(".json", "_copy.json", StringComparison.Ordinal), manifest.ToJsonString(), Cancel);

        await SweepAsync();

        Assert.Single(_home.Look(store => store.Backups.ToList()));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_put_in_order_keeps_neither_the_others_nor_the_start()
    {
        var (_, lost) = await BackUpAsync();
        var blog = await _house.RegisterAsync("Blog", "posts 1");
        var partial = Path.Combine(Directory.CreateDirectory(_house.FolderOf(blog)).FullName, "x.partial");
        await File.WriteAllTextAsync(partial, "", Cancel);
        _home.Change(store => store.Backups.ExecuteDelete());
        var refusal = TestStore.RefuseInserts("backups");
        _home.Change(store => store.Database.ExecuteSqlRaw(refusal.Begin));

        await SweepAsync();
        Assert.False(File.Exists(partial));

        _home.Change(store => store.Database.ExecuteSqlRaw(refusal.End));
        await SweepAsync();
        Assert.Equal(lost.Id, _home.Look(store => store.Backups.Single()).Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task SweepAsync()
    {
        foreach (var step in _house.All<IBeforeWork>())
        {
            await step.PrepareAsync(Cancel);
        }
    }

    private async Task<(Database Shop, Backup Backup)> BackUpAsync()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _house.StartAsync();
        return (shop, await _house.BackUpAsync(shop));
    }
}
