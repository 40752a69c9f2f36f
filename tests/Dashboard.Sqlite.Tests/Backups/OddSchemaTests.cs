using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.Sqlite.Tests.Backups;

public sealed class OddSchemaTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task Tables_of_every_kind_and_name_are_copied_and_the_ordinary_ones_counted()
    {
        var file = harness.Create("odd.db");
        SqliteHarness.Execute(
            file,
            """
            CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
            INSERT INTO pairs VALUES ('x', 'y'), ('x', 'z');
            CREATE TABLE sums (a INTEGER, b INTEGER AS (a * 2) STORED, c INTEGER AS (a * 3) VIRTUAL) STRICT;
            INSERT INTO sums (a) VALUES (1), (2), (3);
            CREATE TABLE "semi;colon ""quoted"" 'single' 🦊
            line" (id INTEGER PRIMARY KEY AUTOINCREMENT);
            INSERT INTO "semi;colon ""quoted"" 'single' 🦊
            line" DEFAULT VALUES;
            CREATE TABLE "" (a);
            CREATE TABLE "select" (a);
            CREATE VIEW seen AS SELECT * FROM pairs;
            CREATE TRIGGER noted AFTER INSERT ON pairs BEGIN SELECT 1; END;
            CREATE VIRTUAL TABLE words USING fts5 (text);
            INSERT INTO words VALUES ('the quick fox');
            CREATE VIRTUAL TABLE boxes USING rtree (id, x0, x1);
            INSERT INTO boxes VALUES (1, 0, 1);
            """);

        var (copy, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(CheckLevel.Compared, content.Level);
        Assert.Empty(content.Warnings);
        Assert.Equal(SqliteHarness.ReadAll(file), SqliteHarness.ReadAll(copy));
        Assert.Equal("1", SqliteHarness.Text(copy, "SELECT COUNT(*) FROM words WHERE words MATCH 'fox'"));
        Assert.Equal("1", SqliteHarness.Text(copy, "SELECT COUNT(*) FROM boxes WHERE x1 < 2"));
        Assert.Contains(new TableRows("pairs", 2), content.Rows);
        Assert.Contains(new TableRows("sums", 3), content.Rows);
        Assert.Contains(content.Rows, table => table.Rows == 1 && table.Table.StartsWith("semi;colon", StringComparison.Ordinal));
        Assert.DoesNotContain(content.Rows, table => table.Table.StartsWith("words", StringComparison.Ordinal) || table.Table is "boxes" or "seen" or "sqlite_sequence");
    }

    [Fact]
    public async Task A_virtual_table_whose_module_is_missing_is_a_note()
    {
        var file = harness.Create("odd.db");
        SqliteHarness.Execute(
            file,
            """
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
            VALUES ('table', 'places', 'places', 0, 'CREATE VIRTUAL TABLE places USING geopoly_of_somebody (shape)');
            """);

        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(content.Warnings);
        Assert.Equal(["Could not check virtual table places: the module geopoly_of_somebody is not known here, only to its application."], content.Notes);
        Assert.Equal(CheckLevel.Compared, content.Level);
    }

    [Fact]
    public async Task A_collation_that_only_the_application_has_does_not_fail_the_backup()
    {
        var file = harness.Create("odd.db");
        using (var application = SqliteHarness.Open(file))
        {
            application.CreateCollation("german", (left, right) => string.CompareOrdinal(left, right));
            SqliteHarness.Execute(application, "CREATE TABLE towns (name TEXT COLLATE german); CREATE INDEX towns_by_name ON towns (name); INSERT INTO towns VALUES ('Ulm'), ('Aalen');");
        }

        var (copy, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains(new TableRows("towns", 2), content.Rows);
        Assert.True(File.Exists(copy));
    }

    [Fact]
    public async Task Rows_that_point_nowhere_are_no_fault_of_the_backup()
    {
        var file = harness.Create("odd.db");
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; INSERT INTO orders VALUES (99999, 88888, x'00')");

        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(CheckLevel.Compared, content.Level);
    }

    [Fact]
    public async Task A_page_that_was_damaged_in_the_live_file_fails_the_backup()
    {
        var file = harness.Create("odd.db");
        SqliteHarness.Overwrite(file, 300_000, 3000);

        await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_without_a_table_is_backed_up_with_a_note()
    {
        var file = Path.Combine(harness.LiveFolder, "empty.db");
        await File.WriteAllBytesAsync(file, [], TestContext.Current.CancellationToken);

        var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([EmptyDatabase.Sentence], content.Notes);
        Assert.Empty(content.Warnings);
    }

    [Fact]
    public async Task What_tells_one_database_from_another_is_written_down()
    {
        var file = harness.Create("shop.db", pageSize: 8192);
        SqliteHarness.Execute(file, "PRAGMA application_id = 4711");
        var (_, before) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        SqliteHarness.Execute(file, "ALTER TABLE customers ADD COLUMN note TEXT");
        var (_, after) = await harness.TakeBackupAsync(file, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("8192", "4711", "7", "wal", "UTF-8"), (before.Identity["page-size"], before.Identity["application-id"], before.Identity["user-version"], before.Identity["journal"], before.Identity["encoding"]));
        Assert.NotEqual(before.Identity["schema"], after.Identity["schema"]);
    }
}
