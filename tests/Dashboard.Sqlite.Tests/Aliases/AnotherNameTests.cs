using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

/// <summary>An application works on another name of the file: its WAL is another one, and holds rows that the file does not have yet.</summary>
public sealed class AnotherNameTests : IAsyncDisposable
{
    private const int Sold = 500;

    private readonly SqliteHarness wal = new("wal");
    private readonly SqliteHarness rollback = new("delete");
    private readonly SecondName second = new();

    public static TheoryData<string> Harmful => [.. SecondName.Harmful];

    public static TheoryData<string, string> HarmlessAndMode =>
        [.. SecondName.Harmless.SelectMany(kind => new TheoryDataRow<string, string>[] { new(kind, "wal"), new(kind, "delete") })];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task A_backup_without_its_newest_rows_is_refused_with_the_process_and_the_way_out(string kind)
    {
        var file = wal.Create("shop.db");
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => wal.TakeBackupAsync(file, cancellationToken: Now));

        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
        Assert.Contains("No backup was taken", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.NextStep);
        Assert.DoesNotContain(Directory.GetFiles(wal.LiveFolder), left => left is not null && Path.GetFileName(left).StartsWith("shop.db-", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task A_restore_that_the_application_would_not_see_is_refused_in_plan_and_work(string kind)
    {
        var file = wal.Create("shop.db");
        var (copy, _) = await wal.TakeBackupAsync(file, cancellationToken: Now);
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");
        var before = await File.ReadAllBytesAsync(file, Now);

        var outlook = await wal.Engine.LookAheadAsync(file, new FileInfo(copy).Length, new Dictionary<string, string>(), Now);
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(wal, file, copy));

        Assert.Contains($"(process {application.Id})", outlook.Blocker, StringComparison.Ordinal);
        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Now));
    }

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task Nothing_else_is_written_and_health_is_critical(string kind)
    {
        var file = wal.Create("shop.db");
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");
        var before = await File.ReadAllBytesAsync(file, Now);

        foreach (var task in ((IMaintained)wal.Engine).Tasks)
        {
            Assert.Contains($"(process {application.Id})", (await task.LookAheadAsync(file, Now)).Refusal, StringComparison.Ordinal);
            await Assert.ThrowsAsync<DatabaseException>(() => task.RunAsync(file, RunProgress.None, Now));
        }

        await Assert.ThrowsAsync<DatabaseException>(() => ((IIndexMaker)wal.Engine).CreateIndexAsync(file, new IndexDraft("by_name", "customers", ["name"], false, null), RunProgress.None, Now));
        var found = await CheckAsync("other-names", file);

        Assert.Equal(HealthVerdict.Fail, found.Verdict);
        Assert.Contains($"(process {application.Id})", found.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Now));
    }

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task The_application_is_among_those_who_use_the_database(string kind)
    {
        var file = wal.Create("shop.db");
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");

        var users = await wal.Engine.FindUsersAsync(file, Now);

        Assert.Equal(application.Id, Assert.Single(users!).ProcessId);
    }

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task In_rollback_mode_the_backup_is_whole_with_a_note_and_a_restore_is_refused(string kind)
    {
        var file = rollback.Create("shop.db");
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");

        var (copy, content) = await rollback.TakeBackupAsync(file, cancellationToken: Now);
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(rollback, file, copy));

        Assert.Contains(content.Rows, table => table is { Table: "sale", Rows: Sold });
        Assert.Contains(content.Notes, note => note.Contains($"(process {application.Id})", StringComparison.Ordinal));
        Assert.Contains($"(process {application.Id})", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HarmlessAndMode))]
    public async Task Another_path_to_the_same_folder_changes_nothing(string kind, string mode)
    {
        var harness = mode == "wal" ? wal : rollback;
        var file = harness.Create("shop.db");
        var (old, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");

        var (copy, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await RestoreAsync(harness, file, old);

        Assert.Contains(content.Rows, table => table is { Table: "sale", Rows: Sold });
        Assert.Empty(content.Notes);
        Assert.Equal(await harness.ReadAllOfCopyAsync(old), await harness.ReadAllAsync(file));
        Assert.Equal(HealthVerdict.Pass, (await CheckAsync("other-names", file)).Verdict);
        Assert.Equal(application.Id, Assert.Single((await harness.Engine.FindUsersAsync(file, Now))!).ProcessId);
    }

    [Theory]
    [InlineData("link to the folder")]
    [InlineData("link to the file")]
    public async Task A_registered_path_that_became_a_link_leads_to_the_same_rows(string kind)
    {
        var file = wal.Create("shop.db");
        var name = second.Prepare(kind, file);
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");

        var (copy, content) = await wal.TakeBackupAsync(name, cancellationToken: Now);
        var counted = await wal.Engine.CountRowsAsync(name, TimeSpan.FromSeconds(10), Now);
        var state = await wal.Engine.ReadStateAsync(name, Now);

        Assert.Contains(content.Rows, table => table is { Table: "sale", Rows: Sold });
        Assert.Contains(counted.Tables, table => table is { Table: "sale", Rows: Sold });
        Assert.True(state.Facts.Single(fact => fact.Key == "wal").Number > 0);
        Assert.Empty(content.Notes);
    }

    [Fact]
    public async Task A_hard_link_that_nobody_uses_is_a_note_that_names_it()
    {
        var file = wal.Create("shop.db");
        var name = second.Prepare("hard link in a folder below", file);

        var (copy, content) = await wal.TakeBackupAsync(file, cancellationToken: Now);
        var outlook = await wal.Engine.LookAheadAsync(file, 1, new Dictionary<string, string>(), Now);

        Assert.Contains(name, Assert.Single(content.Notes), StringComparison.Ordinal);
        Assert.Empty(content.Warnings);
        Assert.Equal(content.Notes, outlook.Warnings);
        Assert.Null(outlook.Blocker);
        Assert.Equal(HealthVerdict.Warn, (await CheckAsync("other-names", file)).Verdict);
        await RestoreAsync(wal, file, copy);
    }

    [Theory]
    [InlineData("hard link beside")]
    [InlineData("hard link in a folder below")]
    public async Task Rows_that_a_killed_application_left_beside_the_other_name_refuse_the_backup(string kind)
    {
        var file = wal.Create("shop.db");
        await using (var application = await second.StartAsync(kind, file, "sell", $"{Sold}"))
        {
            application.Kill();
        }

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => wal.TakeBackupAsync(file, cancellationToken: Now));

        Assert.Contains("has another name", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Fail, (await CheckAsync("other-names", file)).Verdict);
    }

    [Fact]
    public async Task A_file_that_is_mounted_alone_is_refused_in_WAL_mode_whoever_uses_it()
    {
        var file = wal.Create("shop.db");
        var alone = second.Prepare("mounted file", file);

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => wal.TakeBackupAsync(alone, cancellationToken: Now));

        Assert.Contains("mounted as a single file", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Mount the whole folder", refused.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_mounted_alone_is_backed_up_in_rollback_mode_with_a_note_and_not_written()
    {
        var file = rollback.Create("shop.db");
        var alone = second.Prepare("mounted file", file);

        var (copy, content) = await rollback.TakeBackupAsync(alone, cancellationToken: Now);

        Assert.Contains(content.Notes, note => note.Contains("mounted as a single file", StringComparison.Ordinal));
        await Assert.ThrowsAsync<DatabaseException>(() => RestoreAsync(rollback, alone, copy));
    }

    [Fact]
    public async Task A_container_that_mounts_the_file_alone_and_has_it_closed_is_a_note()
    {
        var file = wal.Create("shop.db");
        var other = wal.Create("other.db");
        var point = second.Prepare("file mounted in a container", file);
        await using var container = await OtherProcess.StartWithMountAsync(file, point, "connect", other);

        var (_, content) = await wal.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Contains(content.Notes, note => note.Contains($"mounted as a single file at {point}", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        second.Dispose();
        await wal.DisposeAsync();
        await rollback.DisposeAsync();
    }

    private static Task<RestoreResult> RestoreAsync(SqliteHarness harness, string file, string copy)
    {
        var work = harness.NewFile($"{Guid.NewGuid():N}.work");
        File.Copy(copy, work);
        return harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(work), harness.NewUndo(file, $"{Guid.NewGuid():N}"), _ => Task.CompletedTask), RunProgress.None, Now);
    }

    private Task<HealthAnswer> CheckAsync(string key, string file) => HealthOf.AskAsync(wal.Engine, key, file);
}
