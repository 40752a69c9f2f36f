using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

public sealed class TakeBackupTests : IAsyncDisposable
{
    private static readonly string[] Lines = ["orders 1", "orders 2", "people 1"];

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public TakeBackupTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Compression.None, "shop_backup_20261122_100000.lines")]
    [InlineData(Compression.Fast, "shop_backup_20261122_100000.lines.zst")]
    [InlineData(Compression.Small, "shop_backup_20261122_100000.lines.zst")]
    public async Task A_backup_is_a_file_a_manifest_and_a_row_that_agree(Compression compression, string name)
    {
        await using var house = new House(_home, options: options => options.Compression = compression);
        var shop = await house.RegisterAsync("Shop", Lines);
        await house.StartAsync();

        var backup = await house.BackUpAsync(shop);

        Assert.Equal([name, "shop_backup_20261122_100000.json"], FilesOf(house, shop).OrderDescending());
        var manifest = (await BackupManifest.ReadAsync(Path.Combine(house.FolderOf(shop), "shop_backup_20261122_100000.json"), Cancel))!;
        Assert.Equal((backup.Id, name, CheckLevel.Compared, "Local administrator", "Shop"), (manifest.Id, manifest.File, manifest.Level, manifest.AskedBy, manifest.DatabaseName));
        Assert.Equal((manifest.Sha256, manifest.ContentSha256, manifest.SizeBytes, manifest.ContentBytes), (backup.Sha256, backup.ContentSha256, backup.SizeBytes, backup.ContentBytes));
        Assert.Equal([new TableRows("orders", 2), new TableRows("people", 1)], manifest.Rows);
        Assert.Equal($"Copy {name} to where you want it.", manifest.RestoreByHand);
        Assert.True(backup.IsGood);

        await File.WriteAllTextAsync(shop.Location, "orders 9\n", Cancel);
        Assert.Equal(RunState.Succeeded, (await house.RestoreAsync(backup)).State);
        Assert.Equal(Lines, await File.ReadAllLinesAsync(shop.Location, Cancel));
    }

    [Fact]
    public async Task Only_its_owner_can_read_a_backup()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.StartAsync();

        await _house.BackUpAsync(shop);

        if (!OperatingSystem.IsWindows())
        {
            var modes = Directory.EnumerateFiles(_house.FolderOf(shop)).Select(File.GetUnixFileMode).Distinct();
            Assert.Equal([UnixFileMode.UserRead | UnixFileMode.UserWrite], modes);
        }
    }

    [Fact]
    public async Task A_second_backup_in_the_same_second_gets_a_number()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.StartAsync();

        var names = new[] { await _house.BackUpAsync(shop), await _house.BackUpAsync(shop), await _house.BackUpAsync(shop) }.Select(backup => backup.FileName);

        Assert.Equal(["shop_backup_20261122_100000.lines.zst", "shop_backup_20261122_100000_2.lines.zst", "shop_backup_20261122_100000_3.lines.zst"], names);
    }

    [Fact]
    public async Task Warnings_of_the_engine_make_it_amber_and_not_good()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        _house.Engine.Warnings.Add("One table was skipped.");
        await _house.StartAsync();

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal((RunState.SucceededWithWarnings, "One table was skipped."), (run.State, run.Problem));
        Assert.False(_home.Look(store => store.Backups.Single()).IsGood);
    }

    [Fact]
    public async Task A_database_that_is_gone_fails_in_words_and_leaves_nothing()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        File.Delete(shop.Location);
        await _house.StartAsync();

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal((RunState.Failed, $"There is no file {shop.Location}."), (run.State, run.Problem));
        Assert.Empty(FilesOf(_house, shop));
    }

    [Fact]
    public async Task A_removed_database_is_not_backed_up()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, shop.Id, Cancel);
        await _house.StartAsync();

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal((RunState.Failed, "This database is no longer registered."), (run.State, run.Problem));
    }

    [Theory]
    [InlineData(nameof(EngineStep.WriteWork))]
    [InlineData(nameof(EngineStep.WriteArtefact))]
    public async Task A_disk_that_fills_up_leaves_nothing_and_the_older_backup_alone(string step)
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.StartAsync();
        await _house.BackUpAsync(shop);
        var before = FilesOf(_house, shop);
        _house.Engine.Strike(Enum.Parse<EngineStep>(step), new FullDisk());

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal(RunState.Failed, run.State);
        Assert.StartsWith("There is no space left on the disk", run.Problem, StringComparison.Ordinal);
        Assert.Equal(before, FilesOf(_house, shop));
        Assert.Single(_home.Look(store => store.Backups.ToList()));
    }

    [Fact]
    public async Task A_disk_that_fills_up_at_the_manifest_keeps_no_file_that_is_no_backup()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.StartAsync();
        BlockManifest(shop);

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal(RunState.Failed, run.State);
        Assert.Empty(FilesOf(_house, shop));
        Assert.Empty(_home.Look(store => store.Backups.ToList()));
    }

    [Fact]
    public async Task A_store_that_fails_at_the_row_keeps_a_whole_backup_that_the_next_start_takes_up()
    {
        var shop = await _house.RegisterAsync("Shop", Lines);
        await _house.StartAsync();
        _house.Stores.Strike(new DroppedConnection(), () => FilesOf(_house, shop).Any(file => file.EndsWith(".json", StringComparison.Ordinal)));

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        Assert.Equal(RunState.Failed, run.State);
        Assert.Equal(2, FilesOf(_house, shop).Count);
        await using var next = await new House(_home).StartAsync();
        var backup = Assert.Single(await next.BackupsOnceSweptAsync());
        Assert.Equal(RunState.Succeeded, (await next.RestoreAsync(backup)).State);
    }

    [Theory]
    [InlineData(nameof(EngineStep.WriteWork))]
    [InlineData(nameof(EngineStep.WriteArtefact))]
    public async Task Cancelled_half_way_it_leaves_nothing(string step)
    {
        var slow = new SlowStep();
        var shop = await _house.RegisterAsync("Shop", Lines);
        _house.Engine.Strike(Enum.Parse<EngineStep>(step), slow);
        await _house.StartAsync();
        var run = await _house.AskAsync("backup", shop);
        await slow.Reached;
        Assert.NotEmpty(FilesOf(_house, shop));

        await _house.Get<CancelRun>().CancelAsync(Actor.LocalAdministrator, run.Id, Cancel);

        Assert.Equal(RunState.Cancelled, (await _house.EndOfAsync(run)).State);
        Assert.Empty(FilesOf(_house, shop));
    }

    [Fact]
    public async Task A_backup_folder_that_can_not_be_made_is_named()
    {
        var file = Path.Combine(_home.Folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        await using var house = new House(_home, options: options => options.BackupFolder = file);
        var shop = await house.RegisterAsync("Shop", Lines);
        await house.StartAsync();

        var run = await house.EndOfAsync(await house.AskAsync("backup", shop));

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains(file, run.Problem, StringComparison.Ordinal);
        Assert.Contains("choose another backup folder", run.NextStep, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>A folder stands where the manifest is to be written.</summary>
    private void BlockManifest(Database shop)
    {
        _house.Engine.Strike(EngineStep.WriteArtefact, new Meanwhile(() =>
        {
            var data = Directory.EnumerateFiles(_house.FolderOf(shop), "*.zst.partial").Single();
            Directory.CreateDirectory(data.Replace(".lines.zst.partial", ".json.partial", StringComparison.Ordinal));
        }));
    }

    private static List<string> FilesOf(House house, Database database) =>
        Directory.Exists(house.FolderOf(database)) ? [.. Directory.EnumerateFiles(house.FolderOf(database)).Select(file => Path.GetFileName(file)).Order()] : [];
}
