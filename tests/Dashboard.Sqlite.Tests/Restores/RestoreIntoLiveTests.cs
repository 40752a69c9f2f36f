using System.Diagnostics;
using System.Runtime.Versioning;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Restores;

[UnsupportedOSPlatform("windows")]
public sealed class RestoreIntoLiveTests : IAsyncLifetime
{
    private readonly SqliteHarness wal = new("wal");
    private readonly SqliteHarness rollback = new("delete");

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await wal.DisposeAsync();
        await rollback.DisposeAsync();
    }

    [Theory]
    [InlineData("wal", 4096, 512)]
    [InlineData("wal", 4096, 65536)]
    [InlineData("wal", 1024, 8192)]
    [InlineData("delete", 4096, 1024)]
    [InlineData("delete", 1024, 65536)]
    public async Task A_backup_of_another_page_size_is_restored_and_the_journal_mode_stays(string journal, int live, int backup)
    {
        var harness = journal == "wal" ? wal : rollback;
        var source = harness.Create("source.db", pageSize: backup);
        var (copy, _) = await harness.TakeBackupAsync(source, cancellationToken: Now);
        var target = harness.Create("target.db", pageSize: live, orders: 10);
        using var application = SqliteHarness.Open(target);
        SqliteHarness.Texts(application, "SELECT COUNT(*) FROM orders");

        await harness.Engine.RestoreAsync(target, Work(harness, copy), RunProgress.None, Now);

        Assert.Equal(["1500"], SqliteHarness.Texts(application, "SELECT COUNT(*) FROM orders"));
        Assert.Equal(SqliteHarness.ReadAll(source), SqliteHarness.ReadAll(target));
        Assert.Equal("ok", SqliteHarness.Text(target, "PRAGMA integrity_check"));
        Assert.Equal(journal, SqliteHarness.Text(target, "PRAGMA journal_mode"));
        Assert.DoesNotContain(Directory.GetFiles(harness.Folder), file => file.EndsWith(".resized", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task The_smallest_backup_is_not_committed_before_its_checkpoint(string journal)
    {
        var harness = journal == "wal" ? wal : rollback;
        var empty = Path.Combine(harness.LiveFolder, "empty.db");
        SqliteHarness.Execute(empty, "CREATE TABLE t (a); DROP TABLE t; VACUUM;");
        var (copy, _) = await harness.TakeBackupAsync(empty, cancellationToken: Now);
        var live = harness.Create("live.db");
        string? atCheckpoint = null;

        await harness.Engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), ContentPlace.File(harness.NewFile("undo")), _ =>
        {
            // In rollback mode nobody can read now; the undo copy tells.
            atCheckpoint = SqliteHarness.Text(harness.NewFile("undo"), "SELECT COUNT(*) FROM orders");
            return Task.CompletedTask;
        }), RunProgress.None, Now);

        Assert.Equal("1500", atCheckpoint);
        Assert.Equal("0", SqliteHarness.Text(live, "SELECT COUNT(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task A_copy_that_says_wal_does_not_change_the_mode_of_a_rollback_database()
    {
        var live = rollback.Create("live.db");
        var copy = rollback.NewFile("imported.sqlite");
        File.Copy(wal.Create("foreign.db"), copy);

        await rollback.Engine.RestoreAsync(live, Work(rollback, copy), RunProgress.None, Now);

        Assert.Equal("delete", SqliteHarness.Text(live, "PRAGMA journal_mode"));
        Assert.Equal([live], Directory.GetFiles(rollback.LiveFolder));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Owner_mode_and_file_stay_the_same(string journal)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only root gives files away.");
        var harness = journal == "wal" ? wal : rollback;
        var live = harness.Create("live.db");
        var (copy, _) = await harness.TakeBackupAsync(live, cancellationToken: Now);
        await harness.ChangeAsync(live);
        using (var chown = Process.Start("chown", ["1234:1235", live]))
        {
            await chown.WaitForExitAsync(Now);
        }

        File.SetUnixFileMode(live, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var before = FileOwner.Of(live);
        await using var application = await OtherProcess.StartAsync("hold", live, "read");
        await application.EndAsync();
        using var open = SqliteHarness.Open(live);
        SqliteHarness.Texts(open, "SELECT COUNT(*) FROM orders");

        await harness.Engine.RestoreAsync(live, Work(harness, copy), RunProgress.None, Now);

        Assert.Equal(before, FileOwner.Of(live));
        Assert.Equal((1234u, 1235u, before!.Mode), (before.UserId, before.GroupId, before.Mode));
        Assert.All(Directory.GetFiles(harness.LiveFolder), file => Assert.Equal((1234u, before.Mode), (FileOwner.Of(file)!.UserId, FileOwner.Of(file)!.Mode)));
    }

    [Theory]
    [InlineData("-wal")]
    [InlineData("-journal")]
    public async Task Sidecars_of_another_database_do_not_get_into_the_content(string suffix)
    {
        var harness = suffix == "-wal" ? wal : rollback;
        var live = harness.Create("live.db");
        var old = SqliteHarness.ReadAll(live);
        var (copy, _) = await harness.TakeBackupAsync(live, cancellationToken: Now);
        CopySidecar(harness, suffix, live);

        await RestoreAsPlannedAsync(harness, live, copy);

        Assert.Equal(old, SqliteHarness.ReadAll(live));
        Assert.Equal("ok", SqliteHarness.Text(live, "PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData("-wal")]
    [InlineData("-journal")]
    public async Task Sidecars_that_outlived_their_database_are_set_aside_when_it_is_created_again(string suffix)
    {
        var harness = suffix == "-wal" ? wal : rollback;
        var live = harness.Create("live.db");
        var old = SqliteHarness.ReadAll(live);
        var (copy, _) = await harness.TakeBackupAsync(live, cancellationToken: Now);
        CopySidecar(harness, suffix, live);
        File.Delete(live);

        await harness.Engine.RestoreAsync(live, Work(harness, copy), RunProgress.None, Now);

        Assert.Equal(old, SqliteHarness.ReadAll(live));
        Assert.Equal("ok", SqliteHarness.Text(live, "PRAGMA integrity_check"));
        Assert.Single(Directory.GetFiles(harness.LiveFolder), file => file.Contains(".damaged-", StringComparison.Ordinal) && file.EndsWith(suffix, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_disk_that_is_too_small_is_refused_before_anything_is_touched(string journal)
    {
        using var disk = new SmallDisk(8);
        var (live, copy, harness) = await PrepareOnAsync(disk, journal);
        disk.FillUpTo(100_000);
        var before = SqliteHarness.ReadAll(live);

        var error = await Assert.ThrowsAsync<DatabaseException>(() => harness.Engine.RestoreAsync(live, Work(harness, copy), RunProgress.None, Now));

        Assert.Contains(disk.Folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("needed", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, SqliteHarness.ReadAll(live));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_disk_that_fills_up_in_the_middle_leaves_the_content_and_no_undo_file(string journal)
    {
        using var disk = new SmallDisk(24);
        var (live, copy, harness) = await PrepareOnAsync(disk, journal);
        var before = SqliteHarness.ReadAll(live);
        var work = Work(harness, copy);

        var error = await Assert.ThrowsAsync<DatabaseException>(() =>
            harness.Engine.RestoreAsync(live, work, new AtPhase("Restoring", () => disk.FillUpTo(64_000)), Now));

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, SqliteHarness.ReadAll(live));
        Assert.False(File.Exists(work.Undo!.Name));
    }

    [Fact]
    public async Task A_full_disk_during_a_backup_is_named_and_no_file_stays()
    {
        using var disk = new SmallDisk(8);
        var file = wal.Create("shop.db", orders: 3000);
        await using var artefact = new MemoryStream();

        var error = await Assert.ThrowsAsync<DatabaseException>(() => wal.Engine.WriteBackupAsync(
            file,
            new BackupStaging(Path.Combine(disk.Folder, "work"), artefact),
            new AtPhase("Copying", () => disk.FillUpTo(500_000)),
            Now));

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(disk.Folder, "work")));
    }

    private async Task<(string Live, string Copy, SqliteHarness Harness)> PrepareOnAsync(SmallDisk disk, string journal)
    {
        var harness = journal == "wal" ? wal : rollback;
        var source = harness.Create("source.db", orders: 3000);
        var (copy, _) = await harness.TakeBackupAsync(source, cancellationToken: Now);
        var live = Path.Combine(disk.Folder, "live.db");
        File.Copy(harness.Create("small.db", orders: 20), live);
        return (live, copy, harness);
    }

    /// <summary>As a plan does: with an undo copy, or without where what is live turns out to be unreadable.</summary>
    private static async Task RestoreAsPlannedAsync(SqliteHarness harness, string live, string copy)
    {
        try
        {
            await harness.Engine.RestoreAsync(live, Work(harness, copy), RunProgress.None, Now);
        }
        catch (DatabaseDamagedException)
        {
            await harness.Engine.RestoreAsync(live, Work(harness, copy) with { Undo = null }, RunProgress.None, Now);
        }
    }

    /// <summary>A sidecar with content, of a database that has nothing to do with this one.</summary>
    private static void CopySidecar(SqliteHarness harness, string suffix, string live)
    {
        var foreign = harness.Create("foreign.db", orders: 700);
        using var application = SqliteHarness.Open(foreign);
        SqliteHarness.Execute(application, "PRAGMA cache_size = 1; BEGIN; UPDATE orders SET content = randomblob(800);");
        if (suffix == "-wal")
        {
            SqliteHarness.Execute(application, "COMMIT");
        }

        File.Copy(foreign + suffix, live + suffix);
    }

    private static RestoreWork Work(SqliteHarness harness, string copy) => new(ContentPlace.File(copy), ContentPlace.File(harness.NewFile("undo.plain")), _ => Task.CompletedTask);
}
