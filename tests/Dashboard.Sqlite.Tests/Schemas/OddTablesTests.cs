using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Schemas;

public sealed class OddTablesTests : IAsyncLifetime
{
    private const string Absurd = "semi;colon \"quoted\" 'single' 🦊\nline [x] `y` %_\\";

    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(10);

    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task Only_tables_with_rows_of_their_own_are_listed_and_the_rest_is_summed()
    {
        var file = Create(
            """
            CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
            INSERT INTO pairs VALUES ('x', 'y'), ('x', 'z');
            CREATE VIEW seen AS SELECT * FROM pairs;
            CREATE VIRTUAL TABLE words USING fts5 (text);
            INSERT INTO words SELECT hex(randomblob(5000)) FROM orders LIMIT 100;
            CREATE TABLE sqliteish (a);
            CREATE TABLE "sqlite-like" (a);
            CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);
            ANALYZE;
            """);

        var list = await harness.Engine.ReadTablesAsync(file, Plenty, Now);

        Assert.Equal(["customers", "empty", "numbered", "orders", "pairs", "sqlite-like", "sqliteish"], list.Tables.Select(table => table.Name));
        Assert.Equal(2, list.Tables.Single(table => table.Name == "pairs").Rows!.Value);
        Assert.Equal(0, list.Tables.Single(table => table.Name == "pairs").IndexBytes!.Value);
        Assert.True(list.OtherBytes!.Value > 500_000);
        Assert.NotNull(list.WrittenAt);
    }

    [Fact]
    public async Task The_most_absurd_name_is_only_a_name()
    {
        var quoted = "\"" + Absurd.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        var file = Create($"CREATE TABLE {quoted} ({quoted} INTEGER REFERENCES customers, \"\" TEXT); CREATE INDEX {quoted[..^1]} index\" ON {quoted} ({quoted} DESC, \"\"); INSERT INTO {quoted} VALUES (1, 'a');");

        var list = await harness.Engine.ReadTablesAsync(file, Plenty, Now);
        var details = await harness.Engine.ReadTableAsync(file, Absurd, Plenty, Now);
        var rows = await harness.Engine.CountTableAsync(file, Absurd, RunProgress.None, Now);
        var index = (await harness.Engine.ReadIndexesAsync(file, Now)).Indexes.Single(one => one.Table == Absurd);

        Assert.Contains(list.Tables, table => table.Name == Absurd);
        Assert.Equal(("customers", 1L), (details.Columns[0].References, rows.Value));
        Assert.Equal([Absurd, ""], index.Columns.Select(column => column.Name));
        Assert.True(index.Columns[0].IsDescending);
    }

    [Fact]
    public async Task Columns_tell_all_that_their_author_wrote()
    {
        var file = Create(
            """
            CREATE TABLE lines (
                contract INTEGER NOT NULL,
                position INTEGER NOT NULL DEFAULT (1 + 1),
                title TEXT DEFAULT 'none' COLLATE NOCASE,
                twice INT AS (position * 2) STORED,
                thrice INT GENERATED ALWAYS AS (position * 3),
                seller INTEGER REFERENCES customers,
                anything,
                PRIMARY KEY (contract, position),
                FOREIGN KEY (contract) REFERENCES orders (id)
            ) WITHOUT ROWID;
            CREATE TRIGGER second AFTER INSERT ON lines BEGIN SELECT 1; END;
            CREATE TRIGGER first AFTER DELETE ON lines BEGIN SELECT 1; END;
            """);

        var details = await harness.Engine.ReadTableAsync(file, "lines", Plenty, Now);

        Assert.Equal(
            [
                new ColumnFacts("contract", "INTEGER", true, null, 1, ColumnKind.Ordinary, "orders.id"),
                new ColumnFacts("position", "INTEGER", true, "1 + 1", 2, ColumnKind.Ordinary, null),
                new ColumnFacts("title", "TEXT", false, "'none'", null, ColumnKind.Ordinary, null),
                new ColumnFacts("twice", "INT", false, null, null, ColumnKind.GeneratedStored, null),
                new ColumnFacts("thrice", "INT", false, null, null, ColumnKind.GeneratedVirtual, null),
                new ColumnFacts("seller", "INTEGER", false, null, null, ColumnKind.Ordinary, "customers"),
                new ColumnFacts("anything", "", false, null, null, ColumnKind.Ordinary, null),
            ],
            details.Columns);
        Assert.Equal(["first", "second"], details.Triggers);
        Assert.True(Assert.Single(details.Indexes).IsTableItself);
        Assert.Null(details.RowKey);
    }

    [Fact]
    public async Task Indexes_tell_all_that_their_author_wrote()
    {
        var file = Create(
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT COLLATE NOCASE, status TEXT, created_at TEXT);
            CREATE UNIQUE INDEX by_lower ON users ( /* a , ( */ lower ( email ) DESC , status COLLATE NOCASE ASC ) WHERE status = 'open, or )' ;
            CREATE INDEX by_name ON users (name, "created_at" DESC);
            INSERT INTO users (email, name, status) SELECT 'user' || id, 'name ' || (id % 10), 'open' FROM customers;
            ANALYZE users;
            """);

        var list = await harness.Engine.ReadIndexesAsync(file, Now);
        var indexes = list.Indexes.Where(index => index.Table == "users").ToDictionary(index => index.Name);

        Assert.Equal(["by_lower", "by_name", "sqlite_autoindex_users_1"], indexes.Keys.Order());
        Assert.Equal(["lower ( email ) DESC", "status COLLATE NOCASE"], indexes["by_lower"].Columns.Select(column => column.Text.Replace("/* a , ( */ ", "", StringComparison.Ordinal)));
        Assert.Equal((true, "status = 'open, or )'", IndexOrigin.ByHand), (indexes["by_lower"].IsUnique, indexes["by_lower"].Where, indexes["by_lower"].Origin));
        Assert.Equal(["name COLLATE NOCASE", "created_at DESC"], indexes["by_name"].Columns.Select(column => column.Text));
        Assert.Equal(30, indexes["by_name"].RowsPerValue);
        Assert.Equal((IndexOrigin.UniqueConstraint, null), (indexes["sqlite_autoindex_users_1"].Origin, indexes["sqlite_autoindex_users_1"].Definition));
        Assert.Equal("id", list.RowKeys["users"]);
        Assert.All(indexes.Values, index => Assert.True(index.Bytes is { IsExact: true, Value: > 0 }));
    }

    [Fact]
    public async Task Without_statistics_there_are_none()
    {
        var list = await harness.Engine.ReadIndexesAsync(harness.Create("shop.db"), Now);

        Assert.All(list.Indexes, index => Assert.Null(index.RowsPerValue));
    }

    [Fact]
    public async Task What_needs_its_application_does_not_hide_the_rest()
    {
        var file = harness.Create("odd.db");
        using (var application = SqliteHarness.Open(file))
        {
            application.CreateCollation("german", (left, right) => string.CompareOrdinal(left, right));
            application.CreateFunction("folded", (string text) => text, isDeterministic: true);
            SqliteHarness.Execute(
                application,
                """
                CREATE TABLE towns (name TEXT COLLATE german); CREATE INDEX towns_by_name ON towns (name); INSERT INTO towns VALUES ('Ulm'), ('Aalen');
                CREATE TABLE rivers (name TEXT); CREATE INDEX rivers_folded ON rivers (folded(name)); INSERT INTO rivers VALUES ('Rhine');
                PRAGMA writable_schema = ON;
                INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'places', 'places', 0, 'CREATE VIRTUAL TABLE places USING geopoly_of_somebody (shape)');
                """);
        }

        var tables = await harness.Engine.ReadTablesAsync(file, Plenty, Now);
        var indexes = await harness.Engine.ReadIndexesAsync(file, Now);
        var rows = await harness.Engine.CountTableAsync(file, "rivers", RunProgress.None, Now);

        Assert.Equal(2, tables.Tables.Single(table => table.Name == "towns").Rows!.Value);
        Assert.Equal("folded(name)", indexes.Indexes.Single(index => index.Name == "rivers_folded").Columns[0].Expression);
        Assert.Equal(1, rows.Value);
    }

    [Fact]
    public async Task An_empty_file_has_no_tables()
    {
        var file = Path.Combine(harness.LiveFolder, "empty.db");
        await File.WriteAllBytesAsync(file, [], Now);

        Assert.Empty((await harness.Engine.ReadTablesAsync(file, Plenty, Now)).Tables);
        Assert.Empty((await harness.Engine.ReadIndexesAsync(file, Now)).Indexes);
    }

    [Fact]
    public async Task A_locked_database_is_said_to_be_locked()
    {
        var rollback = new SqliteHarness("delete");
        await using var _ = rollback;
        var file = rollback.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");

        var error = await Assert.ThrowsAsync<DatabaseBusyException>(() => rollback.Engine.ReadTablesAsync(file, Plenty, Now));
        await Assert.ThrowsAsync<DatabaseBusyException>(() => rollback.Engine.ReadIndexesAsync(file, Now));

        Assert.Contains($"process {holder.Id}", error.Message, StringComparison.Ordinal);
    }

    private string Create(string sql)
    {
        var file = harness.Create("odd.db");
        SqliteHarness.Execute(file, sql);
        return file;
    }
}
