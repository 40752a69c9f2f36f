using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Xunit;

namespace Dashboard.Sqlite.Tests.Retention;

public sealed class RowSessionTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Cutoff = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IKeepsRows Rows => (IKeepsRows)_harness.Engine;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("load_extension('x') IS NULL")]
    [InlineData("writefile('/tmp/x', 'y') > 0")]
    [InlineData("last_insert_rowid() = 0")]
    [InlineData("randomblob(8) > x'00'")]
    [InlineData("id IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)")]
    [InlineData("id = ?")]
    [InlineData("id = :id")]
    [InlineData("[level'] ) OR (1 = 1 [']")]
    [InlineData("`level` = 1")]
    [InlineData("\"levle\" <> 'debug'")]
    [InlineData("raise(abort, 'x')")]
    public async Task A_hostile_or_mistyped_condition_is_refused(string condition)
    {
        var file = await CreateAsync();

        Assert.NotNull(await Rows.FindConditionFaultAsync(file, "events", condition, Now));
    }

    [Theory]
    [InlineData("NOT EXISTS (SELECT 1 FROM notes WHERE notes.event = events.id)")]
    [InlineData("date(at_seconds, 'unixepoch') < date('now', '-1 year') OR json_extract(level, '$.a') IS NULL")]
    public async Task One_may_look_into_other_tables_and_use_what_always_gives_the_same_answer(string condition)
    {
        var file = await CreateAsync();

        Assert.Null(await Rows.FindConditionFaultAsync(file, "events", condition, Now));
    }

    [Fact]
    public async Task A_condition_that_was_never_looked_at_still_writes_nothing()
    {
        var file = await CreateAsync();
        var before = SqliteHarness.ReadAll(file);

        await Assert.ThrowsAnyAsync<Exception>(() => Rows.PreviewAsync(file, Old with { Condition = "load_extension('x') IS NULL" }, Now));
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => Rows.OpenRowsAsync(file, Old with { Condition = "random() IS NOT NULL", ArchiveTable = "events_old" }, Now));

        Assert.Contains("the function random", refused.Message, StringComparison.Ordinal);

        Assert.Equal(before, SqliteHarness.ReadAll(file));
    }

    [Fact]
    public async Task What_a_trigger_keeps_is_held_and_in_no_archive()
    {
        var file = await CreateAsync();
        SqliteHarness.Execute(
            file,
            """
            CREATE TRIGGER keeps BEFORE DELETE ON events WHEN old.id % 3 = 0 BEGIN SELECT RAISE(IGNORE); END;
            CREATE TRIGGER stops BEFORE DELETE ON events WHEN old.id % 3 = 1 BEGIN SELECT RAISE(ABORT, 'no'); END;
            """);
        await using var session = await Rows.OpenRowsAsync(file, Old with { ArchiveTable = "events_old" }, Now);

        var batch = await session.RemoveNextAsync(Now);

        Assert.Equal(["keeps", "stops"], (await Rows.LookAtRowsAsync(file, "events", Now)).Triggers);
        Assert.True(batch is { Removed: > 0, Held: > 0 }, $"{batch}");
        Assert.Equal($"{batch.Removed}", SqliteHarness.Text(file, "SELECT count(*) FROM events_old"));
        Assert.Equal("0", SqliteHarness.Text(file, "SELECT count(*) FROM events_old WHERE id % 3 < 2"));
    }

    [Fact]
    public async Task A_key_that_is_looked_at_only_when_the_transaction_ends_holds_its_row_and_no_other()
    {
        var file = await CreateAsync();
        SqliteHarness.Execute(file, "CREATE TABLE deep (note INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO deep SELECT id FROM notes WHERE event = 11;");
        await using var session = await Rows.OpenRowsAsync(file, Old with { LetsKeysAct = true }, Now);

        var (removed, held) = (0L, 0L);
        for (var isLast = false; !isLast;)
        {
            var batch = await session.RemoveNextAsync(Now);
            (removed, held, isLast) = (removed + batch.Removed, held + batch.Held, batch.IsLast);
        }

        Assert.Equal((589, 1), (removed, held));
        Assert.Equal("1", SqliteHarness.Text(file, "SELECT count(*) FROM events WHERE id = 11"));
        Assert.Equal("0", SqliteHarness.Text(file, "SELECT count(*) FROM pragma_foreign_key_check"));
    }

    [Fact]
    public async Task Every_value_is_in_its_line_as_it_was_and_is_found_again_by_it()
    {
        var file = _harness.Create("odd.db");
        SqliteHarness.Execute(
            file,
            """
            CREATE TABLE odd (key TEXT COLLATE NOCASE, part BLOB, at INTEGER, value, PRIMARY KEY (key, part)) WITHOUT ROWID;
            INSERT INTO odd VALUES
                ('a', x'00ff', 1700000000, NULL), ('b', x'', 1700000001, 9223372036854775807), ('c"\', 'text', 1700000002, 0.1), ('d', 1.0, 1700000003, 9e999),
                ('e', 5, 1700000004, x'0102'), ('f', 'x', 1700000005, CAST(x'ff41' AS TEXT)), ('g', 'x', 1700000006, 'line' || char(10) || 'two' || char(0) || 'three'), ('h', 'x', 1700000007, '😀 ÿ');
            """);
        await using var session = await Rows.OpenRowsAsync(file, new RowSelection(new RowTime("odd", "at", TimeKind.UnixSeconds, TimeSpan.Zero), Cutoff, null, false), Now);
        using var content = new MemoryStream();
        await session.WriteAsync(content, _ => { }, Now);
        var lines = Encoding.UTF8.GetString(content.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("""{"key":["a",{"blob":"AP8="}],"row":{"key":"a","part":{"blob":"AP8="},"at":1700000000,"value":null}}""", lines[0]);
        Assert.EndsWith("\"value\":9223372036854775807}}", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("\"value\":0.1}}", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("\"part\":1.0,\"at\":1700000003,\"value\":{\"real\":\"Infinity\"}}}", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("\"value\":{\"text\":\"/0E=\"}}}", lines[5], StringComparison.Ordinal);
        Assert.Equal(8, lines.Length);
        Assert.Equal(8, (await session.RemoveWrittenAsync(lines, Now)).Removed);
    }

    [Fact]
    public async Task A_writer_waits_for_a_piece_and_not_for_the_run()
    {
        var file = await CreateAsync();
        await using var session = await Rows.OpenRowsAsync(file, Old, Now);
        using var writer = SqliteHarness.Open(file);

        // Between two pieces no lock is held: this would be refused at once.
        SqliteHarness.Execute(writer, "PRAGMA busy_timeout = 0");
        for (var isLast = false; !isLast;)
        {
            isLast = (await session.RemoveNextAsync(Now)).IsLast;
            SqliteHarness.Execute(writer, "INSERT INTO events (level) VALUES ('new')");
        }

        // And while somebody writes, the piece waits and can be given up.
        SqliteHarness.Execute(writer, "BEGIN IMMEDIATE");
        SqliteHarness.Execute(writer, "UPDATE events SET at_seconds = 1700000000 WHERE id = 900");
        using var person = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await using var other = await Rows.OpenRowsAsync(file, Old with { Cutoff = Cutoff.AddDays(100) }, Now);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.RemoveNextAsync(person.Token));
    }

    private static RowSelection Old => new(new RowTime("events", "at_seconds", TimeKind.UnixSeconds, TimeSpan.Zero), Cutoff, null, LetsKeysAct: false);

    private async Task<string> CreateAsync()
    {
        var file = _harness.Create("shop.db");
        await _harness.FillLogAsync(file);
        return file;
    }
}
