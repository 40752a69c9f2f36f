using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Xunit;

namespace Dashboard.Sqlite.Tests.Retention;

/// <summary>Delete triggers that write elsewhere: what they keep follows the rows, in the transaction that removes them.</summary>
public sealed class RowTriggerTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Cutoff = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IKeepsRows Rows => (IKeepsRows)_harness.Engine;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>What follows the table: how it is made and filled, what the trigger does, and how many rows it has.</summary>
    public static TheoryData<string, string, string, string> Followers => new()
    {
        { "FTS3", "CREATE VIRTUAL TABLE f USING fts3 (message); INSERT INTO f (docid, message) SELECT id, message FROM log", "DELETE FROM f WHERE docid = old.id", "SELECT count(*) FROM f WHERE f MATCH 'word'" },
        { "FTS4", "CREATE VIRTUAL TABLE f USING fts4 (message); INSERT INTO f (docid, message) SELECT id, message FROM log", "DELETE FROM f WHERE docid = old.id", "SELECT count(*) FROM f WHERE f MATCH 'word'" },
        { "FTS4 of the table itself", "CREATE VIRTUAL TABLE f USING fts4 (content='log', message); INSERT INTO f (f) VALUES ('rebuild')", "BEFORE DELETE FROM f WHERE docid = old.id", "SELECT count(*) FROM f WHERE f MATCH 'word'" },
        { "FTS5", "CREATE VIRTUAL TABLE f USING fts5 (message); INSERT INTO f (rowid, message) SELECT id, message FROM log", "DELETE FROM f WHERE rowid = old.id", "SELECT count(*) FROM f ('word')" },
        { "FTS5 of the table itself", "CREATE VIRTUAL TABLE f USING fts5 (message, content='log', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')", "INSERT INTO f (f, rowid, message) VALUES ('delete', old.id, old.message)", "SELECT count(*) FROM f ('word')" },
        { "FTS5 without content", "CREATE VIRTUAL TABLE f USING fts5 (message, content=''); INSERT INTO f (rowid, message) SELECT id, message FROM log", "INSERT INTO f (f, rowid, message) VALUES ('delete', old.id, old.message)", "SELECT count(*) FROM f ('word')" },
        { "FTS5 without content, with deletes", "CREATE VIRTUAL TABLE f USING fts5 (message, content='', contentless_delete=1); INSERT INTO f (rowid, message) SELECT id, message FROM log", "DELETE FROM f WHERE rowid = old.id", "SELECT count(*) FROM f ('word')" },
        { "r-tree", "CREATE VIRTUAL TABLE f USING rtree (id, x0, x1); INSERT INTO f SELECT id, id, id + 1 FROM log", "DELETE FROM f WHERE id = old.id", "SELECT count(*) FROM f" },
        { "geopoly", "CREATE VIRTUAL TABLE f USING geopoly (log); INSERT INTO f (rowid, _shape, log) SELECT id, '[[0,0],[1,0],[1,1],[0,0]]', id FROM log", "DELETE FROM f WHERE rowid = old.id", "SELECT count(*) FROM f" },
        { "audit table", "CREATE TABLE f (log INTEGER, at TEXT)", "INSERT INTO f VALUES (old.id, datetime('now'))", "SELECT 1000 - count(*) FROM f" },
        { "audit table with its own search", "CREATE TABLE f (log INTEGER); CREATE VIRTUAL TABLE g USING fts5 (log); CREATE TRIGGER further AFTER INSERT ON f BEGIN INSERT INTO g VALUES ('gone ' || new.log); END", "INSERT INTO f VALUES (old.id)", "SELECT 1000 - count(*) FROM g ('gone')" },
        { "counter", "CREATE TABLE f (n INTEGER); INSERT INTO f VALUES (1000)", "UPDATE f SET n = n - 1", "SELECT n FROM f" },
    };

    [Theory]
    [MemberData(nameof(Followers))]
    public async Task Rows_go_and_what_follows_them_goes_along_piece_by_piece(string kind, string made, string trigger, string count)
    {
        var file = Create(made, trigger);
        using var onlooker = SqliteHarness.Open(file);
        await using var session = new RowSessionOf(file, window: 150);

        for (var isLast = false; !isLast;)
        {
            isLast = session.RemoveNext().IsLast;

            // Nobody ever sees the one without the other.
            Assert.Equal([SqliteHarness.Texts(onlooker, "SELECT count(*) FROM log")[0]], SqliteHarness.Texts(onlooker, count));
        }

        Assert.True(SqliteHarness.Text(file, "SELECT count(*) FROM log") == "400", kind);
        Assert.Equal("ok", SqliteHarness.Text(file, "PRAGMA integrity_check"));
    }

    [Theory]
    [MemberData(nameof(Followers))]
    public async Task Rows_that_are_moved_to_an_archive_table_are_followed_too(string kind, string made, string trigger, string count)
    {
        var file = Create(made, trigger);
        await using var session = await Rows.OpenRowsAsync(file, Old with { ArchiveTable = "log_old" }, Now);

        for (var isLast = false; !isLast;)
        {
            isLast = (await session.RemoveNextAsync(Now)).IsLast;
        }

        Assert.True(SqliteHarness.Text(file, count) == "400", kind);
        Assert.Equal("600", SqliteHarness.Text(file, "SELECT count(*) FROM log_old"));
    }

    [Fact]
    public async Task A_trigger_that_fails_leaves_row_and_follower_as_they_were()
    {
        var file = Create(
            "CREATE VIRTUAL TABLE f USING fts5 (message); INSERT INTO f (rowid, message) SELECT id, message FROM log; CREATE TABLE kept (log INTEGER CHECK (log % 2 = 0))",
            "DELETE FROM f WHERE rowid = old.id; INSERT INTO kept VALUES (old.id)");
        await using var session = await Rows.OpenRowsAsync(file, Old, Now);

        var (removed, held) = (0L, 0L);
        for (var isLast = false; !isLast;)
        {
            var batch = await session.RemoveNextAsync(Now);
            (removed, held, isLast) = (removed + batch.Removed, held + batch.Held, batch.IsLast);
        }

        Assert.Equal((300, 300), (removed, held));
        Assert.Equal(("700", "700"), (SqliteHarness.Text(file, "SELECT count(*) FROM log"), SqliteHarness.Text(file, "SELECT count(*) FROM f ('word')")));
    }

    [Fact]
    public async Task A_trigger_that_needs_its_application_is_named_as_the_reason()
    {
        var file = Create("CREATE TABLE f (id INTEGER)", "INSERT INTO f SELECT slugify(old.message)");
        await using var session = await Rows.OpenRowsAsync(file, Old, Now);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => session.RemoveNextAsync(Now));

        Assert.Equal($"{file} uses the function slugify, which only its application has.", fault.Message);
        Assert.NotNull(fault.NextStep);
        Assert.Equal("1000", SqliteHarness.Text(file, "SELECT count(*) FROM log"));
    }

    [Fact]
    public void A_refusal_by_an_authorizer_is_never_called_a_missing_right_of_the_file()
    {
        var explained = SqliteErrors.Explain(new SqliteException("not authorized", raw.SQLITE_AUTH), "/data/shop.db");

        Assert.DoesNotContain("this dashboard runs as", explained.Message, StringComparison.Ordinal);
        Assert.StartsWith("A statement on /data/shop.db was refused", explained.Message, StringComparison.Ordinal);
        Assert.NotNull(explained.NextStep);
    }

    private static RowSelection Old => new(new RowTime("log", "at", TimeKind.UnixSeconds, TimeSpan.Zero), Cutoff, null, LetsKeysAct: false);

    private string Create(string made, string trigger)
    {
        var file = _harness.Create("shop.db", orders: 1);
        const string Before = "BEFORE ";
        var (when, body) = trigger.StartsWith(Before, StringComparison.Ordinal) ? ("BEFORE", trigger[Before.Length..]) : ("AFTER", trigger);
        SqliteHarness.Execute(
            file,
            $"""
            CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER, message TEXT);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            INSERT INTO log SELECT i, unixepoch('2026-06-01') + (i - 601) * 86400, 'word ' || i FROM n;
            {made};
            CREATE TRIGGER follows {when} DELETE ON log BEGIN {body}; END;
            """);
        return file;
    }

    /// <summary>A session of small pieces.</summary>
    private sealed class RowSessionOf(string file, int window) : IAsyncDisposable
    {
        private readonly Sqlite.Retention.RowSession _session = new(SqliteHarness.Open(file), file, Old, TimeProvider.System, window: window);

        public RowBatch RemoveNext() => _session.RemoveNext(Now);

        public ValueTask DisposeAsync() => _session.DisposeAsync();
    }
}
