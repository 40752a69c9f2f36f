using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Tests.Faults;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Sqlite.Tests.Restores;

public sealed class RestoreUnderLoadTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Live => Path.Combine(harness.LiveFolder, "bank.db");

    private string Undo => harness.NewFile("undo.plain");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task No_committed_row_is_lost_between_the_undo_copy_and_the_live_database(string journal)
    {
        var log = new CommitLog(harness.NewFile("commits.log"));
        await OtherProcess.RunAsync("create", Live, journal, "6000");
        var (copy, _) = await harness.TakeBackupAsync(Live, cancellationToken: Now);
        await using var reader = await OtherProcess.StartAsync("reader", Live, "60");
        await using var writer = await OtherProcess.StartAsync("writer", Live, "200", "60", log.File);
        await log.GrowAsync(30);

        var result = await RestoreAsync(copy);
        await log.GrowAsync(30);
        await writer.EndAsync();
        await reader.EndAsync();

        var kept = Numbers(Undo).Union(Numbers(Live)).ToHashSet();
        Assert.DoesNotContain(log.Read(), number => !kept.Contains(number));
        Assert.Empty(Numbers(Undo).Intersect(Numbers(Live)));
        Assert.Equal((0, "ok"), await OtherProcess.RunAsync("check", Live));
        Assert.Equal((0, "ok"), await OtherProcess.RunAsync("check", Undo));
        Assert.Equal(journal, SqliteHarness.Text(Live, "PRAGMA journal_mode"));
        Assert.True(result.WritersWaited > TimeSpan.Zero);
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("wal", true)]
    [InlineData("delete", false)]
    public async Task While_it_is_frozen_nobody_writes_and_only_wal_is_read(string journal, bool canRead)
    {
        var (file, _, copy) = await PrepareAsync(journal);
        bool? wasRead = null, wasWritten = null;

        await harness.Engine.RestoreAsync(
            file,
            new RestoreWork(ContentPlace.File(copy), ContentPlace.File(Undo), _ =>
            {
                (wasRead, wasWritten) = (Works(file, "SELECT COUNT(*) FROM orders"), Works(file, "DELETE FROM orders"));
                return Task.CompletedTask;
            }),
            RunProgress.None,
            Now);

        Assert.Equal((canRead, false), (wasRead, wasWritten));
        Assert.True(Works(file, "DELETE FROM orders"));
    }

    [Fact]
    public async Task A_reader_in_wal_mode_keeps_its_moment_and_does_not_hold_the_restore_up()
    {
        var (file, old, copy) = await PrepareAsync("wal");
        using var reader = SqliteHarness.Open(file);
        SqliteHarness.Execute(reader, "BEGIN");
        var before = SqliteHarness.Texts(reader, "SELECT COUNT(*) FROM orders");

        await harness.Engine.RestoreAsync(file, Work(copy), RunProgress.None, Now);

        Assert.Equal(before, SqliteHarness.Texts(reader, "SELECT COUNT(*) FROM orders"));
        Assert.Equal(old, SqliteHarness.ReadAll(file));
    }

    [Theory]
    [InlineData("wal", "write")]
    [InlineData("delete", "write")]
    [InlineData("delete", "read")]
    public async Task A_restore_waits_for_whoever_is_in_a_transaction(string journal, string what)
    {
        var (file, old, copy) = await PrepareAsync(journal);
        await using var holder = await OtherProcess.StartAsync("hold", file, what);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var restore = harness.Engine.RestoreAsync(file, Work(copy), new AtPhase("Waiting for writers", () => waiting.TrySetResult()), Now);
        await waiting.Task;
        await holder.EndAsync();
        await restore;

        Assert.Equal(old, SqliteHarness.ReadAll(file));
    }

    [Theory]
    [InlineData("wal", "write")]
    [InlineData("delete", "read")]
    public async Task After_half_a_minute_the_process_in_the_way_is_named_and_nothing_has_changed(string journal, string what)
    {
        var (file, _, copy) = await PrepareAsync(journal);
        var before = SqliteHarness.ReadAll(file);
        await using var holder = await OtherProcess.StartAsync("hold", file, what);
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(5) };

        var error = await Assert.ThrowsAsync<DatabaseBusyException>(() => new SqliteEngine(time).RestoreAsync(file, Work(copy), RunProgress.None, Now));
        await holder.EndAsync();

        Assert.Contains($"process {holder.Id}", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.False(File.Exists(Undo));
    }

    [Fact]
    public async Task Waiting_for_a_writer_can_be_cancelled()
    {
        var (file, _, copy) = await PrepareAsync("wal");
        await using var holder = await OtherProcess.StartAsync("hold", file, "write");
        using var cancel = new CancellationTokenSource();

        var restore = harness.Engine.RestoreAsync(file, Work(copy), new AtPhase("Waiting for writers", cancel.Cancel), cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restore);
    }

    [Fact]
    public async Task An_open_connection_sees_the_restored_rows_and_the_new_schema()
    {
        var (file, _, copy) = await PrepareAsync("wal");
        using var application = SqliteHarness.Open(file);
        Assert.Equal(["750"], SqliteHarness.Texts(application, "SELECT COUNT(*) FROM orders"));

        await harness.Engine.RestoreAsync(file, Work(copy), RunProgress.None, Now);

        Assert.Equal(["1500"], SqliteHarness.Texts(application, "SELECT COUNT(*) FROM orders"));
        Assert.Equal(["0"], SqliteHarness.Texts(application, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'added'"));
    }

    private Task<RestoreResult> RestoreAsync(string copy) => harness.Engine.RestoreAsync(Live, Work(copy), RunProgress.None, Now);

    private RestoreWork Work(string copy) => new(ContentPlace.File(copy), ContentPlace.File(Undo), _ => Task.CompletedTask);

    private async Task<(string File, string Old, string Copy)> PrepareAsync(string journal)
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Execute(file, $"PRAGMA journal_mode = {journal}");
        var old = SqliteHarness.ReadAll(file);
        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        await harness.ChangeAsync(file);
        return (file, old, copy);
    }

    /// <summary>At once, without the waiting that the driver does.</summary>
    private static bool Works(string file, string sql)
    {
        using var connection = SqliteHarness.Open(file);
        return SQLitePCL.raw.sqlite3_exec(connection.Handle!, sql) == SQLitePCL.raw.SQLITE_OK;
    }

    private static IReadOnlyList<long> Numbers(string file)
    {
        using var connection = SqliteHarness.Open(file);
        return [.. SqliteHarness.Texts(connection, "SELECT number FROM ledger").Select(number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
