using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.Applications;

/// <summary>Small rebuilds of what people have described in public reports.</summary>
public sealed class PublicReportTests : IAsyncDisposable
{
    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>Anki's tables of tags and fields, in its collation unicase (techouse/sqlite3-to-mysql#28, patarapolw/ankisync2#3).</summary>
    [Fact]
    public async Task A_collection_of_Anki_is_backed_up_counted_and_restored()
    {
        var file = Create(
            "unicase",
            """
            CREATE TABLE notes (id INTEGER PRIMARY KEY, flds TEXT NOT NULL);
            CREATE TABLE tags (tag TEXT NOT NULL PRIMARY KEY COLLATE unicase, usn INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE fields (ntid INTEGER NOT NULL, ord INTEGER NOT NULL, name TEXT NOT NULL COLLATE unicase, config BLOB, PRIMARY KEY (ntid, ord)) WITHOUT ROWID;
            CREATE UNIQUE INDEX idx_fields_name_ntid ON fields (name, ntid);
            INSERT INTO notes (flds) VALUES ('a'), ('b');
            INSERT INTO tags VALUES ('Zoo', 1), ('apple', 1), ('Über', 1);
            INSERT INTO fields VALUES (1, 0, 'Front', NULL), (1, 1, 'Back', NULL);
            """);

        var (copy, content) = await _harness.TakeBackupAsync(file, cancellationToken: Now);
        SqliteHarness.Execute(file, "DELETE FROM notes");
        await _harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(copy), ContentPlace.File(file + ".undo"), _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal([new("fields", 2), new("notes", 2), new("tags", 3)], content.Rows);
        Assert.Equal(
            [
                "Could not check table fields: the collation unicase is not known here, only to its application.",
                "Could not check index idx_fields_name_ntid: the collation unicase is not known here, only to its application.",
                "Could not check table tags: the collation unicase is not known here, only to its application.",
            ],
            content.Notes);
        Assert.Equal("2", SqliteHarness.Text(file, "SELECT count(*) FROM notes"));
    }

    /// <summary>A unique column in Android's LOCALIZED (sqlitebrowser/sqlitebrowser#54): there every operation failed.</summary>
    [Fact]
    public async Task A_database_of_Android_opens_counts_and_says_what_it_lacks()
    {
        var file = Create("LOCALIZED", "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT COLLATE LOCALIZED, category TEXT COLLATE LOCALIZED, UNIQUE (name)); INSERT INTO channel (name) VALUES ('a'), ('b');");

        var added = await _harness.Engine.CheckLocationAsync(file, Now);

        Assert.Equal("Could not check table channel: the collation LOCALIZED is not known here, only to its application.", added.Facts.Single(fact => fact.Label == "Structure").Value);
        Assert.Equal(2, (await _harness.Engine.CountTableAsync(file, "channel", RunProgress.None, Now)).Value);
        Assert.StartsWith("VACUUM can't rebuild table channel (the collation LOCALIZED)", (await TaskOf("vacuum").LookAheadAsync(file, Now)).Refusal, StringComparison.Ordinal);
    }

    /// <summary>A search keyed on the implicit rowid (CherryHQ/cherry-studio#16132, po4erk91/thread-keeper#236): VACUUM desynchronises it and integrity_check does not tell.</summary>
    [Fact]
    public async Task A_search_on_the_implicit_rowid_is_kept_from_VACUUM_and_told_when_another_program_ran_it()
    {
        var file = Create(
            "none",
            """
            CREATE TABLE search_text (unit TEXT, text TEXT);
            CREATE VIRTUAL TABLE search_text_fts USING fts5 (text, content='search_text', content_rowid='rowid');
            CREATE TRIGGER ai AFTER INSERT ON search_text BEGIN INSERT INTO search_text_fts (rowid, text) VALUES (new.rowid, new.text); END;
            CREATE TRIGGER ad AFTER DELETE ON search_text BEGIN INSERT INTO search_text_fts (search_text_fts, rowid, text) VALUES ('delete', old.rowid, old.text); END;
            INSERT INTO search_text VALUES ('1', 'one'), ('2', 'two'), ('3', 'three');
            DELETE FROM search_text WHERE unit = '1';
            """);

        Assert.StartsWith("VACUUM would number the rows of search_text anew, and full-text table search_text_fts refers", (await TaskOf("vacuum").LookAheadAsync(file, Now)).Refusal, StringComparison.Ordinal);
        await TaskOf("compact").RunAsync(file, RunProgress.None, Now);
        Assert.StartsWith("Sound", (await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now)).Sentence, StringComparison.Ordinal);

        SqliteHarness.Execute(file, "VACUUM");
        Assert.Contains("search_text_fts does not fit the rows of search_text", (await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now)).Problem, StringComparison.Ordinal);
        Assert.Single((await _harness.TakeBackupAsync(file, cancellationToken: Now)).Content.Notes);
    }

    /// <summary>The delete trigger that many write (groue/GRDB.swift#1637, moltis-org/moltis#771): too late for a search without content of its own, which keeps stale words.</summary>
    [Fact]
    public async Task Old_rows_go_with_a_trigger_that_comes_too_late_and_the_check_tells_of_the_stale_search()
    {
        var file = Create(
            "none",
            """
            CREATE TABLE other_table (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, body TEXT);
            CREATE VIRTUAL TABLE search USING fts5 (body, content='other_table', content_rowid='id', tokenize='porter unicode61');
            CREATE TRIGGER search_insert AFTER INSERT ON other_table BEGIN INSERT INTO search (rowid, body) VALUES (new.id, new.body); END;
            CREATE TRIGGER search_delete AFTER DELETE ON other_table BEGIN DELETE FROM search WHERE (old.id = rowid); END;
            INSERT INTO other_table (at, body) VALUES (1700000000, 'test'), (1900000000, 'young');
            """);
        var old = new RowSelection(new RowTime("other_table", "at", TimeKind.UnixSeconds, TimeSpan.Zero), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), null, LetsKeysAct: false);
        await using (var session = await ((IKeepsRows)_harness.Engine).OpenRowsAsync(file, old, Now))
        {
            Assert.Equal(1, (await session.RemoveNextAsync(Now)).Removed);
        }

        var result = await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now);

        Assert.Equal("1", SqliteHarness.Text(file, "SELECT count(*) FROM other_table"));
        Assert.Contains("search does not fit the rows of other_table", result.Problem, StringComparison.Ordinal);
    }

    private string Create(string collation, string sql)
    {
        var file = Path.Combine(_harness.LiveFolder, "report.db");
        using SqliteConnection application = SqliteHarness.Open(file);
        application.CreateCollation(collation, (left, right) => string.Compare(left, right, StringComparison.OrdinalIgnoreCase));
        SqliteHarness.Execute(application, sql);
        return file;
    }

    private IMaintenanceTask TaskOf(string key) => ((IMaintained)_harness.Engine).Tasks.Single(task => task.Description.Key == key);
}
