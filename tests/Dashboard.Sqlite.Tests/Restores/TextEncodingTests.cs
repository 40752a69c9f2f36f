using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Restores;

/// <summary>Text is stored as UTF-8 or as UTF-16 of either byte order, and a restore brings the backup's.</summary>
public sealed class TextEncodingTests : IAsyncDisposable
{
    private static readonly string[] Encodings = ["UTF-8", "UTF-16le", "UTF-16be"];

    private readonly SqliteHarness harness = new();

    public static TheoryData<string, string, string> Pairs =>
    [
        .. from mode in new[] { "wal", "delete" }
           from backup in Encodings
           from live in Encodings
           where backup != live
           select new TheoryDataRow<string, string, string>(mode, backup, live),
    ];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_restore_between_encodings_ends_as_it_went_and_so_does_its_undo(string mode, string backup, string live)
    {
        var (old, _) = await harness.TakeBackupAsync(Create("backup.db", mode, backup), cancellationToken: Now);
        var file = Create("live.db", mode, live);
        var before = await harness.ReadAllAsync(file);
        var undo = harness.NewUndo(file, "undo");

        var result = await RestoreAsync(file, old, undo);
        Assert.Empty(result.Warnings);
        Assert.Equal(backup, SqliteHarness.Text(file, "PRAGMA encoding"));
        Assert.Equal(await harness.ReadAllOfCopyAsync(old), await harness.ReadAllAsync(file));

        await RestoreAsync(file, undo.Name, harness.NewUndo(file, "back"));
        Assert.Equal(live, SqliteHarness.Text(file, "PRAGMA encoding"));
        Assert.Equal(before, await harness.ReadAllAsync(file));
        Assert.Equal("ok", SqliteHarness.Text(file, "PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Applications_that_must_be_restarted_are_announced_in_the_plan_and_said_in_the_result(string mode)
    {
        var (old, content) = await harness.TakeBackupAsync(Create("backup.db", mode, "UTF-8"), cancellationToken: Now);
        var file = Create("live.db", mode, "UTF-16le");
        await using var application = await OtherProcess.StartAsync("connect", file);

        var outlook = await harness.Engine.LookAheadAsync(file, 1, content.Identity, Now);
        var result = await RestoreAsync(file, old, harness.NewUndo(file, "undo"));

        Assert.Equal("The text encoding changes from UTF-16le to UTF-8. Restart applications that have the database open: they get errors until then.", Assert.Single(outlook.Warnings));
        Assert.Equal(outlook.Warnings, result.Warnings);
    }

    [Fact]
    public async Task Writers_get_in_at_once_after_such_a_restore()
    {
        var (old, _) = await harness.TakeBackupAsync(Create("backup.db", "delete", "UTF-8"), cancellationToken: Now);
        var file = Create("live.db", "delete", "UTF-16be");

        await RestoreAsync(file, old, harness.NewUndo(file, "undo"));
        SqliteHarness.Execute(file, "INSERT INTO word (text) VALUES ('after')");

        Assert.Equal("after", SqliteHarness.Text(file, "SELECT text FROM word ORDER BY id DESC LIMIT 1"));
    }

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    private string Create(string name, string mode, string encoding)
    {
        var file = Path.Combine(harness.LiveFolder, name);
        SqliteHarness.Execute(
            file,
            $"""
            PRAGMA encoding = '{encoding}';
            PRAGMA journal_mode = {mode};
            CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT);
            INSERT INTO word (text) VALUES ('{encoding}'), ('Zürich'), ('数据库'), ('🙂');
            CREATE INDEX word_text ON word (text);
            """);
        return file;
    }

    private Task<RestoreResult> RestoreAsync(string file, string copy, ContentPlace undo)
    {
        var work = harness.NewFile($"{Guid.NewGuid():N}.work");
        File.Copy(copy, work);
        return harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(work), undo, _ => Task.CompletedTask), RunProgress.None, Now);
    }
}
