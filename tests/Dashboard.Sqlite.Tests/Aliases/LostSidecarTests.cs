using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

/// <summary>Somebody cleans up beside a running application. It goes on with the files that it has, and nobody else sees them.</summary>
public sealed class LostSidecarTests : IAsyncDisposable
{
    private const int Sold = 500;

    private readonly SqliteHarness harness = new("wal");

    public static TheoryData<string, string> Losses => new()
    {
        { "deleted", "-wal" },
        { "deleted", "-shm" },
        { "deleted", "-wal -shm" },
        { "replaced", "-wal" },
        { "replaced", "-shm" },
        { "moved away", "-wal" },
        { "moved away", "-wal -shm" },
    };

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_lost_WAL_or_shm_is_critical_and_the_backup_says_what_it_cannot_contain(string happened, string suffixes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        var file = harness.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        Lose(file, happened, suffixes);
        var around = await harness.ListSurroundingsAsync(file);

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));
        var outlook = await harness.Engine.LookAheadAsync(file, 1, new Dictionary<string, string>(), Now);
        var found = await HealthOf.AskAsync(harness.Engine, "lost-sidecars", file);

        Assert.Contains("No backup was taken", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"(process {application.Id})", outlook.Blocker, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Fail, found.Verdict);
        Assert.Contains(suffixes.Split(' ')[0], found.Evidence, StringComparison.Ordinal);
        Assert.Equal(around, await harness.ListSurroundingsAsync(file));
    }

    [Fact]
    public async Task Followed_the_way_out_brings_every_row_into_the_next_backup()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        var file = harness.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        Lose(file, "deleted", "-wal");
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));
        Assert.StartsWith("End the application in its normal way", refused.NextStep, StringComparison.Ordinal);

        await application.EndAsync();
        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Contains(content.Rows, table => table is { Table: "sale", Rows: Sold });
        Assert.Empty(content.Notes);
        Assert.Equal(HealthVerdict.Pass, (await HealthOf.AskAsync(harness.Engine, "lost-sidecars", file)).Verdict);
    }

    [Theory]
    [InlineData("deleted and put back")]
    [InlineData("replaced by rename")]
    public async Task A_file_that_was_replaced_under_an_application_is_critical_and_the_backup_says_so(string how)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        var file = harness.Create("shop.db");
        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        Replace(file, copy, how);

        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(file, copy));
        var found = await HealthOf.AskAsync(harness.Engine, "lost-sidecars", file);

        Assert.Contains(content.Notes, note => note.Contains($"(process {application.Id}) still has the previous", StringComparison.Ordinal));
        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Fail, found.Verdict);
    }

    [Fact]
    public async Task A_file_that_is_gone_while_an_application_has_it_is_not_restored_under_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        var file = harness.Create("shop.db");
        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await using (var application = await OtherProcess.StartAsync("sell", file, $"{Sold}"))
        {
            File.Delete(file);

            var outlook = await harness.Engine.LookAheadAsync(file, 1, new Dictionary<string, string>(), Now);
            await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(file, copy));

            Assert.Contains($"(process {application.Id})", outlook.Blocker, StringComparison.Ordinal);
            Assert.False(File.Exists(file));
        }

        await RestoreAsync(file, copy);
        Assert.Equal(await harness.ReadAllOfCopyAsync(copy), await harness.ReadAllAsync(file));
    }

    [Fact]
    public async Task A_file_that_was_moved_away_with_its_WAL_left_behind_is_never_mixed_with_the_new_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        var file = harness.Create("shop.db");
        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        File.Move(file, file + ".old");
        File.Copy(copy, file);
        SqliteHarness.SetWalMark(file);

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => harness.TakeBackupAsync(file, cancellationToken: Now));

        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
        Assert.Contains("with another database file", refused.Message, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    private static void Lose(string file, string happened, string suffixes)
    {
        foreach (var sidecar in suffixes.Split(' ').Select(suffix => file + suffix))
        {
            var content = File.ReadAllBytes(sidecar);
            if (happened == "moved away")
            {
                File.Move(sidecar, sidecar + ".old");
                continue;
            }

            File.Delete(sidecar);
            if (happened == "replaced")
            {
                File.WriteAllBytes(sidecar, content);
            }
        }
    }

    private static void Replace(string file, string copy, string how)
    {
        foreach (var gone in new[] { "-wal", "-shm" })
        {
            File.Delete(file + gone);
        }

        if (how == "replaced by rename")
        {
            File.Copy(copy, file + ".new");
            File.Move(file + ".new", file, overwrite: true);
        }
        else
        {
            File.Delete(file);
            File.Copy(copy, file);
        }
    }

    private Task<RestoreResult> RestoreAsync(string file, string copy)
    {
        var work = harness.NewFile($"{Guid.NewGuid():N}.work");
        File.Copy(copy, work);
        var undo = File.Exists(file) ? harness.NewUndo(file, $"{Guid.NewGuid():N}") : null;
        return harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(work), undo, _ => Task.CompletedTask), RunProgress.None, Now);
    }
}
