using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Xunit;

namespace Dashboard.Sqlite.Tests.Statements;

/// <summary>The same harmful call, written in many ways, at each of the three doors at which a person types SQL.</summary>
public sealed class HarmfulCallsTests : IAsyncDisposable
{
    private const string Never = "{0}";

    private static readonly string[] Calls =
    [
        "load_extension('{0}')",
        "LOAD_EXTENSION /* a */ (\n'{0}')",
        "\"load_extension\"('{0}', 'entry')",
        "[load_extension]('{0}')",
        "`load_extension`(x'61')",
        "fts3_tokenizer('simple')",
        "fts3_tokenizer('simple', x'00')",
        "fts5(1)",
        "optimize(old)",
        "sqlite_log(1, 'x')",
        "geopoly_debug(1)",
    ];

    private static readonly string[] Places =
    [
        "SELECT {1}",
        "SELECT 1 WHERE {1}",
        "SELECT 1 FROM orders ORDER BY {1}",
        "SELECT count(*) FROM orders GROUP BY {1}",
        "SELECT count(*) FROM orders HAVING {1}",
        "SELECT 1 LIMIT {1}",
        "SELECT max(1) FILTER (WHERE {1}) OVER (ORDER BY {1}) FROM orders",
        "SELECT CASE WHEN 0 THEN {1} END",
        "SELECT * FROM (SELECT {1})",
        "SELECT EXISTS (SELECT {1})",
        "WITH c AS (SELECT {1}) SELECT * FROM c",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT {1} FROM n) SELECT i FROM n",
        "SELECT * FROM orders a JOIN orders b ON {1}",
        "SELECT 1 UNION SELECT {1}",
        "VALUES (1), ({1})",
        "VALUES (1), (2), ({1}), (3)",
        "SELECT 1 UNION ALL VALUES (1), ({1})",
        "SELECT json_group_array({1}) FROM orders",
        "SELECT * FROM json_each({1})",
        "SELECT coalesce(NULL, {1})",
        "SELECT 1 IN (SELECT {1})",
    ];

    private static readonly string[] Statements =
    [
        "ATTACH '{0}' AS other",
        "ATTACH DATABASE char(97) AS other",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '{0}'",
        "REINDEX",
        "ANALYZE",
        "PRAGMA user_version = 9",
        "PRAGMA user_version(9)",
        "PRAGMA main.journal_mode = DELETE",
        "PRAGMA/**/journal_mode",
        "PRAGMA writable_schema = 1",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA page_size = 8192",
        "PRAGMA trusted_schema = 1",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA incremental_vacuum",
        "PRAGMA optimize",
        "SELECT * FROM pragma_user_version(9)",
        "SELECT * FROM pragma_journal_mode('delete')",
        "SELECT * FROM pragma_wal_checkpoint",
        "SELECT * FROM pragma_optimize",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT 1",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT a",
        "INSERT INTO empty VALUES (1) RETURNING id",
        "REPLACE INTO empty VALUES (1) RETURNING id",
        "UPDATE orders SET id = -id RETURNING id",
        "DELETE FROM orders RETURNING id",
        "WITH c AS (SELECT 1) DELETE FROM orders RETURNING id",
        "INSERT INTO docs (docs) VALUES ('rebuild')",
        "INSERT INTO docs_content VALUES (9, 'x') RETURNING id",
        "DELETE FROM docs_data RETURNING id",
        "UPDATE places_node SET data = x'00' RETURNING nodeno",
        "CREATE TABLE made (id)",
        "CREATE TEMP TABLE made (id)",
        "CREATE TEMP TRIGGER made AFTER INSERT ON orders BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE made USING fts5(a)",
        "DROP TABLE orders",
        "ALTER TABLE orders RENAME TO gone",
        "SELECT * FROM loading",
        "SELECT * FROM optimizing",
        "SELECT 1; DROP TABLE orders",
        "SELECT 1 /* ; */ ; -- ;\n DROP TABLE orders",
    ];

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IHealthChecked Checked => (IHealthChecked)_harness.Engine;

    private IIndexMaker Maker => (IIndexMaker)_harness.Engine;

    private IKeepsRows Rows => (IKeepsRows)_harness.Engine;

    [Fact]
    public async Task A_harmful_statement_is_neither_asked_nor_measured_however_it_is_written()
    {
        var (location, never) = await LayAsync();
        var before = await _harness.ReadAllAsync(location);

        foreach (var sql in Statements.Concat(Calls.SelectMany(call => Places.Select(place => place.Replace("{1}", call, StringComparison.Ordinal)))).Select(sql => sql.Replace(Never, never, StringComparison.Ordinal)))
        {
            var asked = await Record.ExceptionAsync(() => Checked.AskOwnAsync(location, sql, TimeSpan.FromSeconds(10), Now));
            Assert.True(asked is OwnQuestionException, $"{sql}: {asked}");
            Assert.True(await Record.ExceptionAsync(() => Maker.CheckQueryAsync(location, sql, Now)) is DatabaseException, sql);
            Assert.True(await Record.ExceptionAsync(() => Maker.MeasureQueryAsync(location, sql, Now)) is DatabaseException, sql);
        }

        Assert.False(File.Exists(never));
        Assert.Equal(before, await _harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task A_harmful_condition_chooses_no_row()
    {
        var (location, never) = await LayAsync();
        var before = await _harness.ReadAllAsync(location);

        foreach (var condition in Calls.Select(call => $"{call} IS NULL").Concat(
            [
                "1 IN (VALUES (1), (sqlite_log(1, 'x')))", "random() < 0", "randomblob(1) IS NULL", "last_insert_rowid() = 1", "date('now') < level AND changes() = 0", "id IN (SELECT user_version FROM pragma_user_version)",
                "EXISTS (SELECT 1 FROM loading)", "EXISTS (SELECT 1 FROM optimizing)", "1 IN (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n)",
            ]).Select(sql => sql.Replace(Never, never, StringComparison.Ordinal)))
        {
            Assert.True(await Rows.FindConditionFaultAsync(location, "events", condition, Now) is not null, condition);
            var old = new RowSelection(new RowTime("events", "at_seconds", TimeKind.UnixSeconds, TimeSpan.Zero), new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), condition, LetsKeysAct: false);
            Assert.True(await Record.ExceptionAsync(() => Rows.PreviewAsync(location, old, Now)) is DatabaseException, condition);
            Assert.True(await Record.ExceptionAsync(() => Rows.OpenRowsAsync(location, old, Now)) is DatabaseException, condition);
        }

        Assert.False(File.Exists(never));
        Assert.Equal(before, await _harness.ReadAllAsync(location));
    }

    /// <summary>Each is connected anew in each question, which prepares statements that would write.</summary>
    [Theory]
    [InlineData("SELECT count(*) FROM docs WHERE docs MATCH 'sea'", "2")]
    [InlineData("SELECT highlight(docs, 0, '<', '>') FROM docs WHERE docs MATCH 'blue' ORDER BY bm25(docs)", "the <blue> sea")]
    [InlineData("SELECT snippet(docs, 0, '', '', '…', 2) FROM docs('blue') ORDER BY rank LIMIT 1", null)]
    [InlineData("SELECT count(*) FROM docs WHERE body LIKE '%sea%'", "2")]
    [InlineData("SELECT count(*) FROM outside WHERE outside MATCH 'sea'", "2")]
    [InlineData("SELECT count(*) FROM words WHERE term = 'sea'", "1")]
    [InlineData("SELECT count(*) FROM old WHERE old MATCH 'sea'", "2")]
    [InlineData("SELECT length(matchinfo(old)) > 0, offsets(old), snippet(old) FROM old WHERE old MATCH 'blue'", "1")]
    [InlineData("SELECT count(*) FROM older WHERE older MATCH 'sea'", "2")]
    [InlineData("SELECT count(*) FROM places WHERE minx >= 1 AND maxx <= 5", "1")]
    [InlineData("SELECT rtreecheck('places')", "ok")]
    [InlineData("SELECT count(*) FROM areas WHERE geopoly_overlap(_shape, '[[0,0],[2,0],[2,2],[0,2],[0,0]]')", "1")]
    [InlineData("SELECT count(*) FROM searched", "2")]
    [InlineData("SELECT o.id FROM orders o JOIN docs ON docs.rowid = o.id WHERE docs MATCH 'blue'", "1")]
    public async Task Full_text_and_r_tree_tables_are_read(string sql, string? first)
    {
        var (location, _) = await LayAsync();

        var answer = await Checked.AskOwnAsync(location, sql, TimeSpan.FromSeconds(10), Now);
        await Maker.MeasureQueryAsync(location, sql, Now);

        Assert.Equal(first ?? answer.Rows[0][0], answer.Rows[0][0]);
    }

    [Theory]
    [InlineData("events.id IN (SELECT rowid FROM docs WHERE docs MATCH 'sea')")]
    [InlineData("events.id IN (SELECT rowid FROM old WHERE old MATCH 'sea')")]
    [InlineData("events.id IN (SELECT id FROM places WHERE minx < 9)")]
    [InlineData("events.id IN (SELECT rowid FROM searched)")]
    public async Task A_condition_reads_full_text_and_r_tree_tables_and_views(string condition)
    {
        var (location, _) = await LayAsync();
        var old = new RowSelection(new RowTime("events", "at_seconds", TimeKind.UnixSeconds, TimeSpan.Zero), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), condition, LetsKeysAct: false);

        Assert.Null(await Rows.FindConditionFaultAsync(location, "events", condition, Now));
        Assert.InRange((await Rows.PreviewAsync(location, old, Now)).Going, 0, 2);
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private async Task<(string Location, string Never)> LayAsync()
    {
        var location = await _harness.CreateAsync();
        await _harness.FillLogAsync(location);
        await _harness.RunSqlAsync(
            location,
            """
            CREATE TABLE IF NOT EXISTS empty (id INTEGER PRIMARY KEY);
            CREATE TABLE pages (id INTEGER PRIMARY KEY, body TEXT);
            INSERT INTO pages VALUES (1, 'the blue sea'), (2, 'the sea');
            CREATE VIRTUAL TABLE docs USING fts5(body);
            INSERT INTO docs (rowid, body) SELECT id, body FROM pages;
            CREATE VIRTUAL TABLE outside USING fts5(body, content='pages', content_rowid='id');
            INSERT INTO outside (outside) VALUES ('rebuild');
            CREATE VIRTUAL TABLE words USING fts5vocab('docs', 'row');
            CREATE VIRTUAL TABLE old USING fts4(body);
            INSERT INTO old (docid, body) SELECT id, body FROM pages;
            CREATE VIRTUAL TABLE older USING fts3(body);
            INSERT INTO older (docid, body) SELECT id, body FROM pages;
            CREATE VIRTUAL TABLE places USING rtree(id, minx, maxx);
            INSERT INTO places VALUES (1, 2, 3), (2, 10, 11);
            CREATE VIRTUAL TABLE areas USING geopoly(name);
            INSERT INTO areas (_shape, name) VALUES ('[[0,0],[1,0],[1,1],[0,1],[0,0]]', 'a');
            CREATE VIEW searched AS SELECT rowid, body FROM docs WHERE docs MATCH 'sea';
            CREATE VIEW loading AS SELECT load_extension('x');
            CREATE VIEW optimizing AS SELECT optimize(old) AS done FROM old;
            """);
        return (location, Path.Combine(_harness.LiveFolder, "never.db"));
    }
}
