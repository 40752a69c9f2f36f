using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Maintenance;

/// <summary>Rows whose parent is not there: which they are, what goes along, and that all of it can be brought back.</summary>
public sealed class OrphanTests : IAsyncDisposable
{
    /// <summary>Order 11 and the line (7, 1) are orphans; item 101 and its two notes go with order 11; a row by name and one without rowid are among them.</summary>
    private const string Shop =
        """"
        PRAGMA foreign_keys = OFF;
        PRAGMA journal_mode = {0};
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, paid REAL, total GENERATED ALWAYS AS (paid * 2));
        CREATE TABLE items ("rowid" TEXT, code TEXT UNIQUE, "order" INTEGER REFERENCES orders (id) ON DELETE RESTRICT);
        CREATE TABLE notes (number INTEGER UNIQUE, item TEXT REFERENCES items (code), "the ""text""" BLOB, parent INTEGER REFERENCES notes (number));
        CREATE TABLE lines (customer INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (customer, number), FOREIGN KEY (customer) REFERENCES customers) WITHOUT ROWID;
        INSERT INTO customers VALUES (1, 'one');
        INSERT INTO orders (id, customer, paid) VALUES (10, 1, 0.1), (11, 9, 1e300), (12, NULL, NULL);
        INSERT INTO items VALUES ('a', 'x100', 10), ('b', 'x''101', 11);
        INSERT INTO notes VALUES (1, 'x100', 'kept', NULL), (2, 'x''101', 'gone' || char(0) || 'ü', NULL), (3, NULL, x'00ff', 2), (4, NULL, 'kept', 1);
        INSERT INTO lines VALUES (1, 1), (7, 1);
        """";

    private readonly SqliteHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IOrphanage Orphanage => (IOrphanage)_harness.Engine;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task What_is_shown_is_what_goes_and_the_kept_file_brings_every_byte_back(string journal)
    {
        var file = Create(journal);
        var before = SqliteHarness.ReadAll(file);
        var keep = _harness.NewFile("kept.sql");

        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        var removed = await Orphanage.RemoveOrphansAsync(file, keep, shown.Count, RunProgress.None, Now);

        Assert.Equal(
            [
                "lines → customers: 1 row",
                "orders → customers: 1 row",
                "items → orders: 1 row, whose parent is removed",
                "notes → items: 1 row, whose parent is removed",
                "notes → notes: 1 row, whose parent is removed",
            ],
            shown.Groups.Select(group => group.ToString()).OrderBy(text => text.Contains("whose", StringComparison.Ordinal)).ThenBy(text => text, StringComparer.Ordinal));
        Assert.Equal(shown.Groups, removed.Groups);
        Assert.Empty(shown.Left);
        Assert.Equal("2,1,2,1,1", Counts(file));
        Assert.Equal("0", SqliteHarness.Text(file, "SELECT COUNT(*) FROM pragma_foreign_key_check"));

        SqliteHarness.Execute(file, await File.ReadAllTextAsync(keep, Now));
        Assert.Equal(before, SqliteHarness.ReadAll(file));
    }

    /// <summary>
    /// What survives its parent: an orphan (orders), a row whose parent goes (items, without a name that lasts and twice the same), one that loses two keys (notes),
    /// one that names an emptied key (labels), one that loses a parent without which it can't be (links).
    /// </summary>
    private const string Surviving =
        """
        PRAGMA foreign_keys = OFF;
        CREATE TABLE customers (id INTEGER PRIMARY KEY);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers ON DELETE SET NULL, note TEXT);
        CREATE TABLE lines (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers);
        CREATE TABLE items (line INTEGER REFERENCES lines (id) ON DELETE SET NULL, body BLOB, price REAL);
        CREATE TABLE notes (a TEXT NOT NULL, b INTEGER NOT NULL, line INTEGER UNIQUE REFERENCES lines ON DELETE SET DEFAULT, customer INTEGER REFERENCES customers (id) ON DELETE SET NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
        CREATE TABLE labels (id INTEGER PRIMARY KEY, note INTEGER REFERENCES notes (line) ON DELETE CASCADE, customer INTEGER REFERENCES customers ON DELETE SET NULL);
        CREATE TABLE links (line INTEGER NOT NULL REFERENCES lines ON DELETE SET NULL, other INTEGER DEFAULT 1 REFERENCES lines ON DELETE SET DEFAULT);
        INSERT INTO customers VALUES (1);
        INSERT INTO orders VALUES (10, 1, 'kept'), (11, 9, 'it''s'), (12, NULL, NULL);
        INSERT INTO lines VALUES (1, 1), (2, 9);
        INSERT INTO items VALUES (1, 'x', 0.1), (2, x'00ff', 0.1), (2, 'x' || char(0), 1e300), (2, NULL, NULL), (NULL, NULL, NULL), (2, NULL, NULL);
        INSERT INTO notes VALUES ('x', 1, 2, 9), ('x', 2, 1, 1), ('y', 1, NULL, 9);
        INSERT INTO labels VALUES (1, 1, 1), (2, 2, 9), (3, NULL, 9);
        INSERT INTO links VALUES (2, NULL), (1, 2), (1, 1);
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_that_survives_its_parent_stays_with_an_empty_key_and_gets_it_back(bool isPackedMeanwhile)
    {
        var file = Create("wal", Surviving);
        var before = Rows(file);
        var keep = _harness.NewFile("kept.sql");

        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);
        Assert.Equal(before, Rows(file));
        var removed = await Orphanage.RemoveOrphansAsync(file, keep, shown.Count, RunProgress.None, Now);

        Assert.Equal(
            [
                "items → lines: 4 rows, whose parent is removed: line emptied",
                "labels → customers: 1 row: customer emptied",
                "labels → notes: 1 row, whose parent is removed",
                "lines → customers: 1 row",
                "links → lines: 1 row, whose parent is removed (a default is not set from here)",
                "links → lines: 1 row, whose parent is removed (its key can't be empty)",
                "notes → customers: 2 rows: customer emptied",
                "orders → customers: 1 row: customer emptied",
            ],
            shown.Groups.Select(group => group + (group.Although is { } although ? $" ({although})" : "")).Order(StringComparer.Ordinal));
        Assert.Equal((new OrphanCount(4, 8), shown.Count), (shown.Count, removed.Count));
        Assert.Equal("0", SqliteHarness.Text(file, "SELECT COUNT(*) FROM pragma_foreign_key_check"));
        Assert.Equal("3,1,6,3,2,1", SqliteHarness.Text(file, "SELECT (SELECT COUNT(*) FROM orders) || ',' || (SELECT COUNT(*) FROM lines) || ',' || (SELECT COUNT(*) FROM items) || ',' || (SELECT COUNT(*) FROM notes) || ',' || (SELECT COUNT(*) FROM labels) || ',' || (SELECT COUNT(*) FROM links)"));
        Assert.Equal("it's,-,-", SqliteHarness.Text(file, "SELECT note || ',' || ifnull(customer, '-') || ',' || (SELECT ifnull(line, '-') FROM notes WHERE a = 'x' AND b = 1) FROM orders WHERE id = 11"));

        if (isPackedMeanwhile)
        {
            SqliteHarness.Execute(file, "DELETE FROM items WHERE price = 0.1 AND body = 'x'; VACUUM; INSERT INTO items VALUES (1, 'x', 0.1)");
        }

        SqliteHarness.Execute(file, await File.ReadAllTextAsync(keep, Now));
        Assert.Equal(before, Rows(file));
    }

    [Fact]
    public async Task A_key_that_the_database_does_not_let_be_empty_costs_nothing_and_is_told()
    {
        var file = Create("wal", Surviving);
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; CREATE TABLE strict (customer INTEGER CHECK (customer IS NOT NULL) REFERENCES customers ON DELETE SET NULL); INSERT INTO strict VALUES (9)");
        var before = Rows(file);
        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), shown.Count, RunProgress.None, Now));
        var fewer = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), shown.Count with { Emptied = 8 }, RunProgress.None, Now));

        Assert.StartsWith("customer of strict can't be emptied: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal("The key of 9 rows would be emptied now, and 8 were agreed to. Nothing was changed.", fewer.Message);
        Assert.Equal(before, Rows(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Fact]
    public async Task A_table_whose_rows_have_no_name_costs_the_others_nothing()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; CREATE TABLE hidden (rowid, _rowid_, oid INTEGER REFERENCES orders (id)); INSERT INTO hidden VALUES (1, 1, 99), (1, 1, 11)");

        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);

        Assert.Equal(["hidden: its columns hide the number of the row, so that none can be named."], shown.Left);
        Assert.Equal(new OrphanCount(5, 0), shown.Count);
    }

    [Fact]
    public async Task More_rows_than_were_agreed_to_are_left_and_no_file_stays()
    {
        var file = Create("wal");
        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; INSERT INTO orders (id, customer) VALUES (13, 9)");
        var before = SqliteHarness.ReadAll(file);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), shown.Count, RunProgress.None, Now));

        Assert.Equal("6 rows would be removed now, and 5 were agreed to. Nothing was removed.", fault.Message);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Fact]
    public async Task Without_the_table_of_the_parents_nothing_of_it_is_removed_and_it_is_said()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; DROP TABLE customers");

        var removed = await Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), new OrphanCount(100, 0), RunProgress.None, Now);

        Assert.True(removed.Count.IsNothing);
        Assert.Contains("orders → customers: 2 rows. There is no table customers: bring it back, or take the foreign key out of orders.", removed.Left);
        Assert.False(File.Exists(_harness.NewFile("kept.sql")));
    }

    [Fact]
    public async Task A_key_that_points_to_what_is_not_unique_costs_the_other_tables_nothing()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; CREATE TABLE wrong (name TEXT REFERENCES customers (name)); INSERT INTO wrong VALUES ('one')");

        var check = await ((IMaintained)_harness.Engine).Tasks.Single(task => task.Description.Key == Orphanage.CheckTask).RunAsync(file, RunProgress.None, Now);
        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);

        Assert.Equal("Found 2 orphans.", check.Sentence);
        Assert.Contains(check.Findings, line => line.StartsWith("wrong can't be checked: ", StringComparison.Ordinal));
        Assert.Equal(new OrphanCount(5, 0), shown.Count);
        Assert.StartsWith("wrong can't be checked: ", Assert.Single(shown.Left), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_that_keeps_the_rows_or_makes_new_ones_costs_nothing()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "CREATE TRIGGER again AFTER DELETE ON orders BEGIN INSERT INTO orders (id, customer) VALUES (OLD.id + 1000, 9); END");
        var before = SqliteHarness.ReadAll(file);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), new OrphanCount(1000, 0), RunProgress.None, Now));

        Assert.Equal("Each removal leaves new orphans. Nothing was removed.", fault.Message);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cancelled_at_any_step_it_has_removed_nothing_and_leaves_no_file(int phase)
    {
        var file = Create("wal");
        var before = SqliteHarness.ReadAll(file);
        using var person = new ImpatientPerson(phase, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), new OrphanCount(100, 0), person, person.Token));

        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_costs_no_row()
    {
        var file = Create("wal");
        var before = SqliteHarness.ReadAll(file);

        await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, Path.Combine(_harness.Folder, "nowhere", "kept.sql"), new OrphanCount(100, 0), RunProgress.None, Now));

        Assert.Equal(before, SqliteHarness.ReadAll(file));
    }

    private string Create(string journal, string shop = Shop)
    {
        var file = Path.Combine(_harness.LiveFolder, "shop.db");
        SqliteHarness.Execute(file, shop.Replace("{0}", journal, StringComparison.Ordinal));
        return file;
    }

    /// <summary>Whatever their order is: rows without a name may come back at another place.</summary>
    private static string Rows(string file) => string.Join('\n', SqliteHarness.ReadAll(file).Split('\n').Order(StringComparer.Ordinal));

    private static string Counts(string file) => SqliteHarness.Text(file, "SELECT (SELECT COUNT(*) FROM orders) || ',' || (SELECT COUNT(*) FROM items) || ',' || (SELECT COUNT(*) FROM notes) || ',' || (SELECT COUNT(*) FROM lines) || ',' || (SELECT COUNT(*) FROM customers)");
}
