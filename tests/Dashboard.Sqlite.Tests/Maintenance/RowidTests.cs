using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Xunit;

namespace Dashboard.Sqlite.Tests.Maintenance;

/// <summary>What refers to rowids that VACUUM would number anew, and whether searches still find the rows that they found.</summary>
public sealed class RowidTests : IAsyncDisposable
{
    private const string Note = "CREATE TABLE note (title TEXT, body TEXT);";

    private const string Rows =
        """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO note (title, body) SELECT 'title' || i, 'word' || i || ' ' || hex(zeroblob(200)) FROM n;
        DELETE FROM note WHERE rowid < 1500;
        """;

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>The table, what refers to its rows, a question that only the right rowids answer with 1, and what the refusal names; null where VACUUM may run.</summary>
    public static TheoryData<string, string, string, string?> Kinds => new()
    {
        { Note, "CREATE VIRTUAL TABLE note_fts USING fts5 (title, body, content='note'); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts ('title1800') WHERE title = 'title1800'", "full-text table note_fts" },
        { Note, "CREATE VIRTUAL TABLE note_fts USING fts5 (title, content = \"note\", tokenize = 'porter ascii'); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts ('title1800') WHERE title = 'title1800'", "full-text table note_fts" },
        { Note, "CREATE VIRTUAL TABLE note_fts USING fts4 (content=\"note\", title, body); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts WHERE title MATCH 'title1800' AND title = 'title1800'", "full-text table note_fts" },
        { Note, "CREATE VIEW seen AS SELECT rowid AS id, title FROM note; CREATE VIRTUAL TABLE \"odd name\" USING fts5 (title, content='seen', content_rowid='id'); INSERT INTO \"odd name\" (\"odd name\") VALUES ('rebuild')", "SELECT count(*) FROM \"odd name\" ('title1800') WHERE title = 'title1800'", "full-text table odd name" },
        { Note, "CREATE VIRTUAL TABLE f USING fts5 (title, content=''); INSERT INTO f (rowid, title) SELECT rowid, title FROM note; CREATE TRIGGER keeps AFTER INSERT ON note BEGIN INSERT INTO f (rowid, title) VALUES (new.rowid, new.title); END", "SELECT count(*) FROM note WHERE rowid = (SELECT rowid FROM f ('title1800')) AND title = 'title1800'", "trigger keeps" },
        { Note, "CREATE TABLE audit (note INTEGER PRIMARY KEY, at TEXT); INSERT INTO audit SELECT rowid, title FROM note; CREATE TRIGGER keeps AFTER UPDATE OF title ON note BEGIN INSERT INTO audit VALUES (new.rowid, 'now'); END", "SELECT count(*) FROM note JOIN audit ON audit.note = note.rowid WHERE title = 'title1800' AND at = 'title1800'", "trigger keeps" },
        { Note, "CREATE TRIGGER stamps AFTER UPDATE ON note BEGIN UPDATE note SET body = 'new' WHERE rowid = new.rowid; END", "SELECT count(*) FROM note WHERE title = 'title1800'", null },
        { "CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, body TEXT);", "CREATE VIRTUAL TABLE note_fts USING fts5 (title, content='note', content_rowid='id'); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts ('title1800') WHERE title = 'title1800'", null },
        { Note, "CREATE INDEX note_title ON note (title); CREATE VIRTUAL TABLE note_fts USING fts5 (title, body, content='note'); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts ('title1800') WHERE title = 'title1800'", null },
        { "CREATE TABLE note (title TEXT PRIMARY KEY, body TEXT);", "CREATE VIRTUAL TABLE note_fts USING fts5 (title, content='note'); INSERT INTO note_fts (note_fts) VALUES ('rebuild')", "SELECT count(*) FROM note_fts ('title1800') WHERE title = 'title1800'", null },
    };

    [Theory]
    [InlineData("vacuum")]
    [InlineData("compact")]
    public async Task A_trigger_on_a_broken_view_keeps_nothing_from_being_packed(string task)
    {
        var file = await _harness.CreateAsync();
        await _harness.RunSqlAsync(
            file,
            """
            CREATE TABLE note (title TEXT);
            INSERT INTO note VALUES ('a');
            CREATE TABLE base (id INTEGER PRIMARY KEY, v);
            CREATE VIEW shown AS SELECT id, v FROM base;
            CREATE TRIGGER shown_in INSTEAD OF INSERT ON shown BEGIN INSERT INTO base VALUES (new.id, new.v); END;
            DROP TABLE base;
            """);
        var chosen = ((IMaintained)_harness.Engine).Tasks.Single(one => one.Description.Key == task);

        Assert.Null((await chosen.LookAheadAsync(file, Now)).Refusal);
        Assert.Null((await chosen.RunAsync(file, RunProgress.None, Now)).Problem);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_vacuum_that_would_break_what_refers_to_rowids_is_refused_and_no_other(string table, string referring, string question, string? named)
    {
        var file = Create(table, referring);

        var outlook = await TaskOf("vacuum").LookAheadAsync(file, Now);

        if (named is not null)
        {
            Assert.StartsWith($"VACUUM would number the rows of note anew, and {named} ", outlook.Refusal, StringComparison.Ordinal);
            Assert.Contains("Compact", outlook.NextStep, StringComparison.Ordinal);
            return;
        }

        Assert.Null(outlook.Refusal);
        await TaskOf("vacuum").RunAsync(file, RunProgress.None, Now);
        Assert.Equal("1", SqliteHarness.Text(file, question));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Compacted_by_a_copy_what_refers_to_rowids_still_finds_its_rows(string table, string referring, string question, string? named)
    {
        var file = Create(table, referring);
        var before = SqliteHarness.Text(file, "SELECT group_concat(rowid || title) FROM note");

        Assert.Null((await TaskOf("compact").LookAheadAsync(file, Now)).Refusal);
        await TaskOf("compact").RunAsync(file, RunProgress.None, Now);

        Assert.True(SqliteHarness.Text(file, question) == "1", named);
        Assert.Equal(before, SqliteHarness.Text(file, "SELECT group_concat(rowid || title) FROM note"));
        Assert.Equal("0", SqliteHarness.Text(file, "PRAGMA freelist_count"));
    }

    [Fact]
    public async Task What_can_not_be_found_is_said_in_the_preview()
    {
        var file = Create(Note, "CREATE TABLE tag (note INTEGER PRIMARY KEY, word TEXT); INSERT INTO tag SELECT rowid, title FROM note");

        var outlook = await TaskOf("vacuum").LookAheadAsync(file, Now);

        Assert.Null(outlook.Refusal);
        Assert.EndsWith("Rows of note get other rowids: if the application keeps these in a column, use “Compact by copy”.", outlook.Gain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_in_double_quotes_of_an_old_schema_keep_no_vacuum_from_running()
    {
        var file = Create("CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, body TEXT CHECK (body <> 'none'));", "CREATE INDEX some ON note (title) WHERE title <> 'none'");
        SqliteHarness.Execute(file, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''', '\"'); PRAGMA writable_schema = RESET;");
        var content = SqliteHarness.ReadAll(file);

        await TaskOf("compact").RunAsync(file, RunProgress.None, Now);
        Assert.Null((await TaskOf("vacuum").LookAheadAsync(file, Now)).Refusal);
        await TaskOf("vacuum").RunAsync(file, RunProgress.None, Now);

        Assert.Equal(content, SqliteHarness.ReadAll(file));
    }

    private string Create(string table, string referring)
    {
        var file = Path.Combine(_harness.LiveFolder, "notes.db");
        SqliteHarness.Execute(file, $"{table} {Rows} {referring};");
        return file;
    }

    private IMaintenanceTask TaskOf(string key) => ((IMaintained)_harness.Engine).Tasks.Single(task => task.Description.Key == key);
}
