using Dashboard.Core.Backups;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Backups;

public sealed class BackupUnderLoadTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_backup_under_a_busy_writer_ends_and_holds_one_moment(string journal)
    {
        var file = Path.Combine(harness.LiveFolder, "bank.db");
        var log = new CommitLog(harness.NewFile("commits.log"));
        await OtherProcess.RunAsync("create", file, journal, "8000");
        await using var writer = await OtherProcess.StartAsync("writer", file, "200", "60", log.File);
        await log.GrowAsync(20);

        var committed = log.Read();
        var progress = new MonotoneProgress();
        var (copy, content) = await harness.TakeBackupAsync(file, progress, TestContext.Current.CancellationToken);
        await log.GrowAsync(20);
        await writer.EndAsync();

        Assert.Equal((0, "ok"), await OtherProcess.RunAsync("check", copy));
        Assert.Equal((0, "ok"), await OtherProcess.RunAsync("check", file));
        Assert.Equal(CheckLevel.Compared, content.Level);
        Assert.Empty(content.Warnings);
        Assert.Equal("0", SqliteHarness.Text(copy, $"SELECT {committed[^1]} - COUNT(*) FROM ledger WHERE number <= {committed[^1]}"));
        Assert.Equal(0, progress.StepsBack);
    }

    [Fact]
    public async Task Commits_that_are_only_in_the_log_are_in_the_backup()
    {
        var file = harness.Create("logged.db");
        using var application = SqliteHarness.Open(file);
        SqliteHarness.Execute(application, "PRAGMA wal_autocheckpoint = 0; CREATE TABLE late (id INTEGER PRIMARY KEY); INSERT INTO late VALUES (1), (2);");
        var log = new FileInfo(file + "-wal").Length;

        var (copy, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("2", SqliteHarness.Text(copy, "SELECT COUNT(*) FROM late"));
        Assert.Contains(content.Rows, table => table is { Table: "late", Rows: 2 });
        Assert.Equal(log, new FileInfo(file + "-wal").Length);
    }

    [Fact]
    public async Task The_copy_is_one_file_in_rollback_mode()
    {
        var file = harness.Create("shop.db");

        var (copy, _) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        var header = await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal([1, 1], header[18..20]);
        Assert.Equal([copy], Directory.GetFiles(harness.Folder));
    }

    /// <summary>A copy that a writer made start again would go back.</summary>
    private sealed class MonotoneProgress : WatchedProgress
    {
        private long last;

        public int StepsBack { get; private set; }

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            base.Phase(name, totalBytes, canCancel);
            last = 0;
        }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
            base.Report(doneBytes, totalBytes);
            StepsBack += doneBytes < last ? 1 : 0;
            last = doneBytes;
        }
    }
}
