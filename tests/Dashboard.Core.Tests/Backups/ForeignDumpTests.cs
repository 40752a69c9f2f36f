using System.IO.Compression;
using System.Text;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Backups;

public sealed class ForeignDumpTests : IAsyncDisposable
{
    private const string Live = "orders 1\norders 2\n";
    private const string Foreign = "orders 7\norders 8\norders 9\n";

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public ForeignDumpTests() => _house = new House(_home, options: options => options.ForeignGigabytes = 1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Actor Admin => Actor.LocalAdministrator;

    private StageForeign Staging => _house.Get<StageForeign>();

    private AskForForeign Ask => _house.Get<AskForForeign>();

    private string Folder => Path.Combine(_home.Data.Path, "foreign");

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task What_is_sent_is_unpacked_into_a_file_of_its_own_that_nobody_else_reads(string packing)
    {
        var shop = await _house.RegisterAsync("shop", "orders 1");

        var dump = await StageAsync(shop, Foreign, packing);

        var file = Assert.Single(Directory.GetFiles(Folder, "*.dump"));
        Assert.Equal(Foreign, await File.ReadAllTextAsync(file, Cancel));
        Assert.Equal((Foreign.Length, ForeignKind.Archive, "dump.bin"), ((int)dump.Bytes, dump.Content.Kind, dump.Name));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }
    }

    [Fact]
    public async Task What_is_refused_leaves_nothing_behind()
    {
        var shop = await _house.RegisterAsync("shop", "orders 1");
        using var cut = new MemoryStream(Pack(Foreign, "gzip")[..^9]);
        using var zeros = new MemoryStream();
        await using (var packed = new GZipStream(zeros, CompressionLevel.Fastest, leaveOpen: true))
        {
            var block = new byte[1 << 20];
            for (var megabyte = 0; megabyte <= 1024; megabyte++)
            {
                packed.Write(block);
            }
        }

        zeros.Position = 0;

        await Assert.ThrowsAsync<DatabaseException>(() => StageAsync(shop, "junk", "plain"));
        await Assert.ThrowsAsync<DatabaseException>(() => Staging.FromStreamAsync(Admin, shop.Id, "cut", cut, Cancel));
        var bomb = await Assert.ThrowsAsync<DatabaseException>(() => Staging.FromStreamAsync(Admin, shop.Id, "bomb", zeros, Cancel));

        Assert.Contains("1.00 GiB", bomb.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("shop.dump", "full path")]
    [InlineData("/no/such/shop.dump", "There is no file")]
    [InlineData("/dev/zero", "no ordinary file")]
    public async Task A_path_that_is_no_file_is_refused_in_a_sentence(string path, string word)
    {
        var shop = await _house.RegisterAsync("shop", "orders 1");

        Assert.Contains(word, (await Assert.ThrowsAsync<DatabaseException>(() => Staging.FromPathAsync(Admin, shop.Id, path, Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_replaces_the_live_content_once_the_name_is_typed_and_can_be_undone()
    {
        _house.Engine.KeepsBeside = true;
        var shop = await StartAsync();
        var dump = await StageAsync(shop, Foreign);
        await Assert.ThrowsAsync<NameNeededException>(() => Ask.InPlaceAsync(Admin, dump.Id, "", withoutOwners: false, Cancel));
        await Assert.ThrowsAsync<NameNeededException>(() => Ask.AsNewAsync(Admin, dump.Id, null, withoutOwners: false, Cancel));

        var run = await _house.EndOfAsync(await Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: false, Cancel));

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Problem));
        Assert.Equal(Foreign, await File.ReadAllTextAsync(shop.Location, Cancel));
        Assert.Empty(Directory.GetFiles(Folder));
        var offer = await _house.Get<ReadBackups>().FindUndoAsync(Admin, shop.Id, Cancel);
        Assert.Null(offer!.BackupTakenAt);

        _home.Time.Advance(TimeSpan.FromMinutes(1));
        var undone = await _house.EndOfAsync(await _house.Get<AskForRestore>().UndoAsync(Admin, offer.RestoreId, Cancel));
        Assert.Equal(RunState.Succeeded, undone.State);
        Assert.Equal(Live, await File.ReadAllTextAsync(shop.Location, Cancel));
    }

    [Fact]
    public async Task A_damaged_archive_changes_nothing_and_is_removed()
    {
        var shop = await StartAsync();
        var dump = await StageAsync(shop, Foreign + FakeEngine.Damage);

        var run = await _house.EndOfAsync(await Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: false, Cancel));

        Assert.Equal(RunState.Failed, run.State);
        Assert.Equal(Live, await File.ReadAllTextAsync(shop.Location, Cancel));
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Empty(_home.Look(store => store.Restores.ToList()));
    }

    [Fact]
    public async Task Missing_owners_stop_it_until_they_are_left_out()
    {
        var shop = await StartAsync();
        var backup = await _house.BackUpAsync(shop);
        var dump = await StageAsync(shop, Foreign);
        _house.Engine.OwnersProblem = "There is no role alice.";

        await Assert.ThrowsAsync<DatabaseException>(() => Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: false, Cancel));
        await Assert.ThrowsAsync<DatabaseException>(() => _house.Get<AskForRestore>().InPlaceAsync(Admin, backup.Id, null, Cancel));
        var plan = await Ask.PlanAsync(Admin, dump.Id, Cancel);
        var run = await _house.EndOfAsync(await Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: true, Cancel));

        Assert.Equal((null, "There is no role alice."), (plan!.LiveBlocker, plan.OwnersProblem));
        Assert.Equal(RunState.Succeeded, run.State);
        Assert.True(_house.Engine.WentWithoutOwners);
        _home.Time.Advance(TimeSpan.FromMinutes(1));
        await _house.EndOfAsync(await _house.Get<AskForRestore>().InPlaceAsync(Admin, backup.Id, null, Cancel, withoutOwners: true));
        Assert.Equal(Live, await File.ReadAllTextAsync(shop.Location, Cancel));
    }

    [Fact]
    public async Task A_script_becomes_a_new_database_and_never_replaces_one()
    {
        var shop = await StartAsync();
        var dump = await StageAsync(shop, "script 1\n");
        await Assert.ThrowsAsync<DatabaseException>(() => Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: false, Cancel));

        var run = await _house.EndOfAsync(await Ask.AsNewAsync(Admin, dump.Id, null, withoutOwners: false, Cancel));

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.Equal(Live, await File.ReadAllTextAsync(shop.Location, Cancel));
        Assert.Equal("script 1\n", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(_home.Folder, "shop.lines.restored-*")), Cancel));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task Where_no_script_can_be_run_it_is_refused_with_the_reason()
    {
        var shop = await StartAsync();
        var dump = await StageAsync(shop, "script 1\n");
        _house.Engine.ScriptBlocker = "No role can be made.";

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Ask.AsNewAsync(Admin, dump.Id, null, withoutOwners: false, Cancel));

        Assert.Equal("No role can be made.", refusal.Message);
        Assert.Empty(_home.Look(store => store.Runs.AsNoTracking().Where(run => run.Job == JobKeys.RestoreForeignAsNew).ToList()));
    }

    [Fact]
    public async Task A_start_removes_every_dump_that_no_run_is_going_to_use()
    {
        var shop = await _house.RegisterAsync("shop", "orders 1", "orders 2");
        var wanted = await StageAsync(shop, Foreign);
        var left = await StageAsync(shop, Foreign);
        await Ask.AsNewAsync(Admin, wanted.Id, "shop", withoutOwners: false, Cancel);

        var here = await StageAsync(shop, Foreign);
        await _house.Get<StagedDumps>().PrepareAsync(Cancel);
        Assert.NotNull(await Staging.FindAsync(Admin, here.Id, Cancel));

        await using var next = new House(_home);
        await next.Get<StagedDumps>().PrepareAsync(Cancel);
        await Staging.DiscardAsync(Admin, wanted.Id, Cancel);

        Assert.NotNull(await Staging.FindAsync(Admin, wanted.Id, Cancel));
        Assert.Null(await Staging.FindAsync(Admin, left.Id, Cancel));
    }

    [Fact]
    public async Task What_a_killed_restore_was_given_is_removed_at_the_next_start()
    {
        var shop = await StartAsync();
        var kill = new KilledProcess();
        _house.Engine.Strike(EngineStep.BeforeFreeze, kill);
        var dump = await StageAsync(shop, Foreign);
        var run = await Ask.InPlaceAsync(Admin, dump.Id, "shop", withoutOwners: false, Cancel);
        await kill.Reached.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        _house.Kill();

        await using var next = await new House(_home).StartAsync();
        var closed = await next.EndOfAsync(run);

        Assert.Equal(RunState.Interrupted, closed.State);
        Assert.Equal(Live, await File.ReadAllTextAsync(shop.Location, Cancel));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 1", "orders 2");
    }

    private async Task<StagedDump> StageAsync(Database database, string content, string packing = "plain")
    {
        using var stream = new MemoryStream(Pack(content, packing));
        return await Staging.FromStreamAsync(Admin, database.Id, "dump.bin", stream, Cancel);
    }

    private static byte[] Pack(string content, string packing)
    {
        using var target = new MemoryStream();
        using (var stream = packing switch { "gzip" => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true), "zstd" => new ZstdSharp.CompressionStream(target, leaveOpen: true), _ => (Stream)target })
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        return target.ToArray();
    }
}
