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
        var removed = await Orphanage.RemoveOrphansAsync(file, keep, shown.Rows, RunProgress.None, Now);

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

    [Fact]
    public async Task More_rows_than_were_agreed_to_are_left_and_no_file_stays()
    {
        var file = Create("wal");
        var shown = await Orphanage.FindOrphansAsync(file, RunProgress.None, Now);
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; INSERT INTO orders (id, customer) VALUES (13, 9)");
        var before = SqliteHarness.ReadAll(file);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), shown.Rows, RunProgress.None, Now));

        Assert.Equal("6 rows would be removed now, and 5 were agreed to. Nothing was removed.", fault.Message);
        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Fact]
    public async Task Without_the_table_of_the_parents_nothing_of_it_is_removed_and_it_is_said()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "PRAGMA foreign_keys = OFF; DROP TABLE customers");

        var removed = await Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), 100, RunProgress.None, Now);

        Assert.Equal(0, removed.Rows);
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
        Assert.Equal(5, shown.Rows);
        Assert.StartsWith("wrong can't be checked: ", Assert.Single(shown.Left), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_that_keeps_the_rows_or_makes_new_ones_costs_nothing()
    {
        var file = Create("wal");
        SqliteHarness.Execute(file, "CREATE TRIGGER again AFTER DELETE ON orders BEGIN INSERT INTO orders (id, customer) VALUES (OLD.id + 1000, 9); END");
        var before = SqliteHarness.ReadAll(file);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), 1000, RunProgress.None, Now));

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

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Orphanage.RemoveOrphansAsync(file, _harness.NewFile("kept.sql"), 100, person, person.Token));

        Assert.Equal(before, SqliteHarness.ReadAll(file));
        Assert.Empty(Directory.GetFiles(_harness.Folder));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_costs_no_row()
    {
        var file = Create("wal");
        var before = SqliteHarness.ReadAll(file);

        await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(file, Path.Combine(_harness.Folder, "nowhere", "kept.sql"), 100, RunProgress.None, Now));

        Assert.Equal(before, SqliteHarness.ReadAll(file));
    }

    private string Create(string journal)
    {
        var file = Path.Combine(_harness.LiveFolder, "shop.db");
        SqliteHarness.Execute(file, Shop.Replace("{0}", journal, StringComparison.Ordinal));
        return file;
    }

    private static string Counts(string file) => SqliteHarness.Text(file, "SELECT (SELECT COUNT(*) FROM orders) || ',' || (SELECT COUNT(*) FROM items) || ',' || (SELECT COUNT(*) FROM notes) || ',' || (SELECT COUNT(*) FROM lines) || ',' || (SELECT COUNT(*) FROM customers)");
}
