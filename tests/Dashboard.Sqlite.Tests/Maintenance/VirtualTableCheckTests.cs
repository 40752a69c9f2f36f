using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Xunit;

namespace Dashboard.Sqlite.Tests.Maintenance;

/// <summary>Full-text indexes, r-trees and geopoly are part of a full check, of a live database as of a copy.</summary>
public sealed class VirtualTableCheckTests : IAsyncDisposable
{
    private const string Rows =
        """
        CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO note SELECT i, 'title' || i, 'word' || i FROM n;
        """;

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>How it is made and how it comes to be wrong; whether rows are lost by that, or only a search is wrong.</summary>
    public static TheoryData<string, string, bool> Kinds => new()
    {
        { "CREATE VIRTUAL TABLE f USING fts3 (title); INSERT INTO f (docid, title) SELECT id, title FROM note", "UPDATE f_content SET c0title = 'other' WHERE docid = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts4 (title); INSERT INTO f (docid, title) SELECT id, title FROM note", "UPDATE f_content SET c0title = 'other' WHERE docid = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts4 (content='note', title); INSERT INTO f (f) VALUES ('rebuild')", "DELETE FROM note WHERE id = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts5 (title); INSERT INTO f (rowid, title) SELECT id, title FROM note", "UPDATE f_content SET c0 = 'other' WHERE id = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts5 (title, content='note', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')", "UPDATE note SET title = 'other' WHERE id = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts5 (title, content='note', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')", "DELETE FROM note WHERE id = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts5 (title, content='note', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')", "INSERT INTO note VALUES (1000, 'new', '')", false },
        { "CREATE VIRTUAL TABLE \"the 'f'\" USING fts5 (title, body UNINDEXED, content=\"note\", content_rowid=id, detail=none, columnsize=0, prefix='2 3'); INSERT INTO \"the 'f'\" (\"the 'f'\") VALUES ('rebuild')", "UPDATE note SET title = 'other' WHERE id = 7", false },
        { "CREATE VIEW seen AS SELECT id, title || ' ' || body AS whole FROM note; CREATE VIRTUAL TABLE f USING fts5 (whole, content='seen', content_rowid='id', tokenize='trigram'); INSERT INTO f (f) VALUES ('rebuild')", "UPDATE note SET body = 'other' WHERE id = 7", false },
        { "CREATE VIRTUAL TABLE f USING fts5 (title, content=''); INSERT INTO f (rowid, title) SELECT id, title FROM note", "DELETE FROM f_data WHERE id > 100", false },
        { "CREATE VIRTUAL TABLE f USING rtree (id, x0, x1); INSERT INTO f SELECT id, id, id + 1 FROM note", "DELETE FROM f_rowid WHERE rowid = 7", true },
        { "CREATE VIRTUAL TABLE f USING rtree_i32 (id, x0, x1, +note); INSERT INTO f SELECT id, id, id + 1, title FROM note", "DELETE FROM f_rowid WHERE rowid = 7", true },
        { "CREATE VIRTUAL TABLE f USING geopoly (note); INSERT INTO f (rowid, _shape, note) SELECT id, '[[0,0],[1,0],[1,1],[0,0]]', id FROM note", "DELETE FROM f_rowid WHERE rowid = 7", true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_sound_one_is_called_so_and_one_that_is_not_is_found(string made, string broken, bool isDamage)
    {
        var file = Create(made);
        var before = SqliteHarness.ReadAll(file);
        Assert.StartsWith("Sound", (await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now)).Sentence, StringComparison.Ordinal);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        SqliteHarness.Execute(file, broken);

        var result = await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now);

        Assert.Equal(isDamage, result.IsDamage);
        Assert.NotNull(result.Problem);
        Assert.NotNull(result.NextStep);
        Assert.DoesNotContain("Sound", result.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_search_that_is_wrong_keeps_no_backup_from_being_taken_and_is_a_note_of_it(string made, string broken, bool isDamage)
    {
        var file = Create(made);
        Assert.Empty((await _harness.TakeBackupAsync(file, cancellationToken: Now)).Content.Notes);
        SqliteHarness.Execute(file, broken);

        if (isDamage)
        {
            await Assert.ThrowsAsync<DatabaseDamagedException>(() => _harness.TakeBackupAsync(file, cancellationToken: Now));
            return;
        }

        var (copy, content) = await _harness.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Single(content.Notes);
        Assert.Contains("so a search misses some or finds wrong ones", content.Notes[0], StringComparison.Ordinal);
        Assert.Equal(SqliteHarness.ReadAll(file), SqliteHarness.ReadAll(copy));
    }

    [Fact]
    public async Task A_check_of_a_live_database_keeps_no_writer_out()
    {
        var file = Create("CREATE VIRTUAL TABLE f USING fts5 (title, content='note', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild'); PRAGMA journal_mode = wal");
        using var writer = SqliteHarness.Open(file);
        SqliteHarness.Execute(writer, "BEGIN IMMEDIATE; INSERT INTO note VALUES (1000, 'new', '')");

        var result = await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now);

        Assert.StartsWith("Sound", result.Sentence, StringComparison.Ordinal);
    }

    private string Create(string made)
    {
        var file = Path.Combine(_harness.LiveFolder, "notes.db");
        SqliteHarness.Execute(file, $"{Rows} {made};");
        return file;
    }

    private IMaintenanceTask TaskOf(string key) => ((IMaintained)_harness.Engine).Tasks.Single(task => task.Description.Key == key);
}
