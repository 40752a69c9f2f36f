using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Health;
using Xunit;

namespace Dashboard.Sqlite.Tests.Health;

public sealed class HealthTests : IAsyncDisposable
{
    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IHealthChecked Checked => (IHealthChecked)harness.Engine;

    [Theory]
    [InlineData("quick")]
    [InlineData("full")]
    public async Task A_damaged_page_fails_the_integrity_and_says_to_restore(string depth)
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Overwrite(file, 40_960, 8192);

        var answer = await LookAsync("integrity", file, ("depth", depth));

        Assert.Equal(HealthVerdict.Fail, answer.Verdict);
        Assert.StartsWith("Restore a backup that was taken before the damage.", answer.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_its_header_is_told_as_damage()
    {
        var file = harness.Create("shop.db");
        await harness.DestroyAsync(file);

        await Assert.ThrowsAsync<DatabaseDamagedException>(() => LookAsync("integrity", file));
    }

    [Theory]
    [InlineData(true, 3_040_001, HealthVerdict.Warn)]
    [InlineData(true, 3_051_002, HealthVerdict.Warn)]
    [InlineData(true, 3_051_003, HealthVerdict.Pass)]
    [InlineData(true, 3_006_000, HealthVerdict.Pass)]
    [InlineData(false, 3_040_001, HealthVerdict.Pass)]
    public void A_writer_that_can_damage_a_log_is_told(bool isWal, int version, HealthVerdict verdict) =>
        Assert.Equal(verdict, WriterVersionCheck.Judge(new SqliteHeader(true, isWal, 4096, 1, 0, version)).Verdict);

    [Fact]
    public async Task The_version_is_read_from_the_file()
    {
        var file = harness.Create("shop.db");
        await using (var stream = File.OpenWrite(file))
        {
            stream.Position = 96;
            stream.Write([0, 0x2E, 0x63, 0x01]);
        }

        var answer = await LookAsync("version", file);

        Assert.Equal("It was last written by SQLite 3.40.1, which can damage it when two processes empty the log at the same instant.", answer.Evidence);
        Assert.Equal("Update the SQLite of the application to 3.51.3 or later.", answer.NextStep);
    }

    [Fact]
    public async Task A_log_that_a_reader_keeps_is_told_with_its_size()
    {
        var file = harness.Create("shop.db");
        using var reader = SqliteHarness.Open(file);
        SqliteHarness.Execute(reader, "BEGIN; SELECT COUNT(*) FROM orders;");
        SqliteHarness.Execute(file, "UPDATE orders SET content = randomblob(900)");
        var bytes = new FileInfo(file + "-wal").Length;

        var warned = await LookAsync("wal", file, ("warn", "1"));
        var failed = await LookAsync("wal", file, ("fail", "1"));
        var passed = await LookAsync("wal", file);

        Assert.Equal((HealthVerdict.Warn, HealthVerdict.Fail, HealthVerdict.Pass), (warned.Verdict, failed.Verdict, passed.Verdict));
        Assert.StartsWith($"The log holds {Words.Bytes(bytes)}.", warned.Evidence, StringComparison.Ordinal);
        Assert.EndsWith("then empty the log under Maintenance.", warned.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Much_free_space_asks_for_a_vacuum()
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Execute(file, "DELETE FROM orders");

        var much = await LookAsync("free-pages", file, ("least", "0"));

        Assert.Equal((HealthVerdict.Warn, "Run a vacuum under Maintenance."), (much.Verdict, much.NextStep));
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("free-pages", file)).Verdict);
    }

    [Fact]
    public async Task Statistics_that_are_missing_are_told_until_they_are_counted()
    {
        var file = harness.Create("shop.db");
        Assert.Equal((HealthVerdict.Warn, "Run “Update statistics” under Maintenance."), Pair(await LookAsync("statistics", file)));

        SqliteHarness.Execute(file, "ANALYZE");

        Assert.Equal(HealthVerdict.Pass, (await LookAsync("statistics", file)).Verdict);
    }

    [Fact]
    public async Task A_journal_of_another_mode_than_wanted_and_one_that_was_left_are_told()
    {
        var file = harness.Create("shop.db");
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("journal", file, ("mode", "wal"))).Verdict);
        Assert.Equal((HealthVerdict.Warn, "Let the application set PRAGMA journal_mode = DELETE."), Pair(await LookAsync("journal", file, ("mode", "rollback"))));

        SqliteHarness.Execute(file, "PRAGMA journal_mode = DELETE");
        var killed = Path.Combine(harness.LiveFolder, "killed.db");
        using (var writer = SqliteHarness.Open(file))
        {
            SqliteHarness.Execute(writer, "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE orders SET content = randomblob(900);");
            File.Copy(file, killed);
            File.Copy(file + "-journal", killed + "-journal");
        }

        var left = await LookAsync("journal", killed);

        Assert.Equal(HealthVerdict.Warn, left.Verdict);
        Assert.Contains("was stopped in the middle of a transaction", left.Evidence, StringComparison.Ordinal);
        Assert.True(File.Exists(killed + "-journal"));
    }

    [Fact]
    public async Task Rights_that_go_too_far_are_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Rights are read on Linux.");
        var file = harness.Create("shop.db");
        Set(file, UnixFileMode.OtherRead);
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("rights", file)).Verdict);
        Assert.Equal((HealthVerdict.Fail, "Take that right away: chmod o-r on the file."), Pair(await LookAsync("rights", file, ("others", "refuse"))));

        Set(file, UnixFileMode.OtherWrite);
        Assert.Equal((HealthVerdict.Fail, "Take that right away: chmod o-w on the file."), Pair(await LookAsync("rights", file)));

        Set(file, UnixFileMode.None);
        Set(harness.LiveFolder, UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        Assert.Equal((HealthVerdict.Fail, "Take that right away: chmod o-w on the folder."), Pair(await LookAsync("rights", file)));
        Set(harness.LiveFolder, UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.StickyBit);
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("rights", file)).Verdict);
    }

    [Fact]
    public async Task Keys_near_their_end_are_told_also_where_their_row_is_gone()
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Execute(file, "CREATE TABLE tickets (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT); INSERT INTO tickets VALUES (1700000000, ''); DELETE FROM tickets; CREATE TABLE plain (id TEXT PRIMARY KEY) WITHOUT ROWID;");

        var wide = await LookAsync("keys", file);
        var narrow = await LookAsync("keys", file, ("limit", "32"));
        SqliteHarness.Execute(file, "INSERT INTO customers VALUES (9000000000000000000, 'last')");
        var last = await LookAsync("keys", file);

        Assert.Equal(HealthVerdict.Pass, wide.Verdict);
        Assert.Equal((HealthVerdict.Warn, "tickets is the nearest: its highest key is 1,700,000,000, 79 % of the last."), (narrow.Verdict, narrow.Evidence));
        Assert.Equal((HealthVerdict.Fail, "customers is the nearest: its highest key is 9,000,000,000,000,000,000, 98 % of the last."), (last.Verdict, last.Evidence));
    }

    [Theory]
    [InlineData("ATTACH DATABASE '{0}' AS other")]
    [InlineData("SELECT load_extension('{0}')")]
    [InlineData("PRAGMA user_version = 9")]
    [InlineData("PRAGMA journal_mode = DELETE")]
    [InlineData("VACUUM INTO '{0}'")]
    public async Task A_question_reaches_no_other_file_and_sets_nothing(string sql)
    {
        var file = harness.Create("shop.db");
        var other = Path.Combine(harness.LiveFolder, "other.db");

        await Assert.ThrowsAsync<OwnQuestionException>(() => Checked.AskOwnAsync(file, sql.Replace("{0}", other, StringComparison.Ordinal), TimeSpan.FromSeconds(10), Now));

        Assert.False(File.Exists(other));
        Assert.Equal("7", SqliteHarness.Text(file, "PRAGMA user_version"));
    }

    [Fact]
    public async Task A_question_may_use_what_SQLite_tells_of_itself()
    {
        var file = harness.Create("shop.db");

        var answer = await Checked.AskOwnAsync(file, "SELECT COUNT(*) FROM pragma_foreign_key_check", TimeSpan.FromSeconds(10), Now);

        Assert.Equal(["0"], Assert.Single(answer.Rows));
    }

    public ValueTask DisposeAsync()
    {
        Set(harness.LiveFolder, UnixFileMode.UserExecute);
        return harness.DisposeAsync();
    }

    private static void Set(string path, UnixFileMode more)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        }
    }

    private static (HealthVerdict Verdict, string? NextStep) Pair(HealthAnswer answer) => (answer.Verdict, answer.NextStep);

    private Task<HealthAnswer> LookAsync(string key, string file, params (string Key, string Value)[] values)
    {
        var check = Checked.HealthChecks.Single(one => one.Description.Key == key);
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = "sqlite", Location = file, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Now);
    }
}
