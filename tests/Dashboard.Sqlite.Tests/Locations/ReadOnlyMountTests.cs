using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Tests.Aliases;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Locations;

/// <summary>A mount that nobody may write is no matter of users and modes, and is called what it is wherever something is to be written.</summary>
public sealed class ReadOnlyMountTests : IAsyncDisposable
{
    private readonly SqliteHarness harness = new();
    private readonly SmallDisk disk = new(8);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delete")]
    [InlineData("wal")]
    public async Task Plan_restore_maintenance_health_and_add_page_name_the_mount(string mode)
    {
        var file = Create(mode);
        var (copy, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        disk.MakeReadOnly();

        var outlook = await harness.Engine.LookAheadAsync(file, 1, content.Identity, Now);
        var restore = await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(file, copy));
        var task = ((IMaintained)harness.Engine).Tasks.Single(one => one.Description.Key == "analyze");
        var analyze = await Assert.ThrowsAsync<DatabaseException>(() => task.RunAsync(file, RunProgress.None, Now));
        var preview = await task.LookAheadAsync(file, Now);
        var rights = await HealthOf.AskAsync(harness.Engine, "rights", file);
        var check = await harness.Engine.CheckLocationAsync(file, Now);

        var words = $"{disk.Folder} is mounted read-only";
        Assert.Contains(words, outlook.Blocker, StringComparison.Ordinal);
        Assert.Contains(words, restore.Message, StringComparison.Ordinal);
        Assert.Contains(words, analyze.Message, StringComparison.Ordinal);
        Assert.Contains(words, preview.Refusal, StringComparison.Ordinal);
        Assert.Contains("writable", restore.NextStep, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Warn, rights.Verdict);
        Assert.Contains(words, rights.Evidence, StringComparison.Ordinal);
        Assert.Contains(check.Facts, fact => fact.Verdict == LocationVerdict.Warning && fact.Value.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_of_an_idle_database_on_it_is_whole()
    {
        var file = Create("wal");
        var before = await harness.ReadAllAsync(file);
        disk.MakeReadOnly();

        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Equal(before, await harness.ReadAllOfCopyAsync(copy));
    }

    [Fact]
    public async Task A_file_that_only_its_mode_protects_is_not_blamed_on_a_mount()
    {
        var file = Create("delete");

        Assert.DoesNotContain("read-only", (await HealthOf.AskAsync(harness.Engine, "rights", file)).Evidence, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        disk.Dispose();
        await harness.DisposeAsync();
    }

    private string Create(string mode)
    {
        var file = Path.Combine(disk.Folder, "shop.db");
        SqliteHarness.Execute(file, $"PRAGMA journal_mode = {mode}; CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO word (text) VALUES ('one'), ('two');");
        return file;
    }

    private Task<RestoreResult> RestoreAsync(string file, string copy)
    {
        var work = harness.NewFile($"{Guid.NewGuid():N}.work");
        File.Copy(copy, work);
        return harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(work), harness.NewUndo(file, "undo"), _ => Task.CompletedTask), RunProgress.None, Now);
    }
}
