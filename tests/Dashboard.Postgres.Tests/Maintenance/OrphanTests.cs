using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Postgres.Tests.Schemas;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

/// <summary>Rows that are older than their foreign key, and whose parent is not there.</summary>
public sealed class OrphanTests : SchemaTests
{
    private IOrphanage Orphanage => (IOrphanage)Engine;

    [Fact]
    public async Task What_is_shown_is_what_goes_and_the_kept_file_brings_it_back()
    {
        var location = await CreateShopAsync();
        var before = await Harness.ReadAllAsync(location);
        var keep = Harness.NewFile("kept.sql");
        var check = await Check.RunAsync(location, RunProgress.None, Now);

        var shown = await Orphanage.FindOrphansAsync(location, RunProgress.None, Now);
        Assert.Equal(before, await Harness.ReadAllAsync(location));
        var removed = await Orphanage.RemoveOrphansAsync(location, keep, shown.Count, RunProgress.None, Now);

        Assert.Equal(("Found 1 orphaned row.", "orders → customers: 1 row (orders_customer)"), (check.Sentence, Assert.Single(check.Findings)));
        Assert.Equal(
            ["items → orders: 2 rows, whose parent is removed", "orders → customers: 1 row", "side.notes → items: 1 row, whose parent is removed"],
            shown.Groups.Select(group => group.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(shown.Groups, removed.Groups);
        Assert.Equal(["1 1 1 0"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT (SELECT count(*) FROM customers) || ' ' || (SELECT count(*) FROM orders) || ' ' || (SELECT count(*) FROM items) || ' ' || (SELECT count(*) FROM side.notes)"));
        Assert.StartsWith("Every row has its parent ", (await Check.RunAsync(location, RunProgress.None, Now)).Sentence, StringComparison.Ordinal);

        await ExecuteAsync(location, await File.ReadAllTextAsync(keep, Now));
        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    /// <summary>The same as of SQLite, in what a server lets come about: an orphan that survives, rows whose parent goes, one that loses two keys, one whose key can't be empty.</summary>
    [Fact]
    public async Task A_row_that_survives_its_parent_stays_with_an_empty_key_and_gets_it_back()
    {
        var location = await CreateAsync(
            "CREATE TABLE customers (id int PRIMARY KEY)",
            "CREATE TABLE orders (id int PRIMARY KEY, customer int, note text)",
            "CREATE TABLE lines (id int PRIMARY KEY, customer int)",
            "CREATE TABLE items (line int REFERENCES lines ON DELETE SET NULL, body json, at timestamptz) PARTITION BY HASH (at)",
            "CREATE TABLE items_0 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE items_1 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            "CREATE TABLE notes (a text, b int, line int UNIQUE REFERENCES lines ON DELETE SET DEFAULT, customer int, PRIMARY KEY (a, b))",
            "CREATE TABLE labels (id int PRIMARY KEY, note int REFERENCES notes (line) ON DELETE CASCADE)",
            "CREATE TABLE links (line int NOT NULL REFERENCES lines ON DELETE SET NULL, other int DEFAULT 1 REFERENCES lines ON DELETE SET DEFAULT)",
            "INSERT INTO customers VALUES (1)",
            "INSERT INTO orders VALUES (10, 1, 'kept'), (11, 9, E'it''s \\\\'), (12, NULL, NULL)",
            "INSERT INTO lines VALUES (1, 1), (2, 9)",
            "INSERT INTO items VALUES (1, '1', NULL), (2, '{\"a\":  [1]}', '2026-11-25 12:00:00.123+05'), (2, NULL, NULL), (2, NULL, NULL), (NULL, NULL, NULL)",
            "INSERT INTO notes VALUES ('it''s', 1, 2, 9), ('x', 2, 1, 1), ('y', 1, NULL, 9)",
            "INSERT INTO labels VALUES (1, 1), (2, 2), (3, NULL)",
            "INSERT INTO links VALUES (2, NULL), (1, 2), (1, 1)",
            "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customers ON DELETE SET NULL NOT VALID",
            "ALTER TABLE notes ADD CONSTRAINT notes_customer FOREIGN KEY (customer) REFERENCES customers ON DELETE SET NULL NOT VALID",
            "ALTER TABLE lines ADD CONSTRAINT lines_customer FOREIGN KEY (customer) REFERENCES customers NOT VALID");
        var before = await Harness.ReadAllAsync(location);
        var keep = Harness.NewFile("kept.sql");

        var shown = await Orphanage.FindOrphansAsync(location, RunProgress.None, Now);
        Assert.Equal(before, await Harness.ReadAllAsync(location));
        var fewer = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(location, keep, shown.Count with { Emptied = 5 }, RunProgress.None, Now));
        await ExecuteAsync(location, "ALTER TABLE notes ADD CONSTRAINT owned CHECK (customer IS NOT NULL)");
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(location, keep, shown.Count, RunProgress.None, Now));
        await ExecuteAsync(location, "ALTER TABLE notes DROP CONSTRAINT owned");
        Assert.Equal(before, await Harness.ReadAllAsync(location));
        var removed = await Orphanage.RemoveOrphansAsync(location, keep, shown.Count, RunProgress.None, Now);

        Assert.Equal("The key of 6 rows would be emptied now, and 5 were agreed to. Nothing was changed.", fewer.Message);
        Assert.StartsWith("customer and line of notes can't be emptied: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            [
                "items → lines: 3 rows, whose parent is removed: line emptied",
                "labels → notes: 1 row, whose parent is removed",
                "lines → customers: 1 row",
                "links → lines: 1 row, whose parent is removed (a default is not set from here)",
                "links → lines: 1 row, whose parent is removed (its key can't be empty)",
                "notes → customers: 2 rows: customer emptied",
                "orders → customers: 1 row: customer emptied",
            ],
            shown.Groups.Select(group => group + (group.Although is { } although ? $" ({although})" : "")).Order(StringComparer.Ordinal));
        Assert.Equal(shown.Groups, removed.Groups);
        Assert.Equal(
            ["3 1 5 3 2 1 it's \\ - -"],
            await PostgresHarness.TextsAsync(
                PostgresHarness.DatabaseOf(location),
                "SELECT concat_ws(' ', (SELECT count(*) FROM orders), (SELECT count(*) FROM lines), (SELECT count(*) FROM items), (SELECT count(*) FROM notes), (SELECT count(*) FROM labels), (SELECT count(*) FROM links), note, coalesce(customer::text, '-'), (SELECT coalesce(line::text, '-') FROM notes WHERE a = 'it''s')) FROM orders WHERE id = 11"));

        await ExecuteAsync(location, "SET timezone = 'Asia/Tokyo'; " + await File.ReadAllTextAsync(keep, Now));
        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task A_key_that_counts_as_valid_is_no_promise_that_nothing_is_orphaned()
    {
        var location = await CreateAsync("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (a int REFERENCES a)");

        var outlook = await Check.LookAheadAsync(location, Now);

        Assert.Equal((MaintenanceWorth.Unknown, "1 foreign key counts as valid; only a check tells whether rows were loaded past it."), (outlook.Worth, outlook.Gain));
        Assert.True((await Orphanage.FindOrphansAsync(location, RunProgress.None, Now)).Count.IsNothing);
    }

    [Fact]
    public async Task More_rows_than_were_agreed_to_and_a_table_that_is_locked_cost_nothing()
    {
        var location = await CreateShopAsync();
        var before = await Harness.ReadAllAsync(location);

        var more = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), new OrphanCount(3, 0), RunProgress.None, Now));
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; LOCK TABLE items IN ROW EXCLUSIVE MODE");
        await Assert.ThrowsAsync<DatabaseBusyException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), new OrphanCount(4, 0), RunProgress.None, Now));

        Assert.Equal("4 rows would be removed now, and 3 were agreed to. Nothing was removed.", more.Message);
        Assert.Equal(before, await Harness.ReadAllAsync(location));
        Assert.Empty(Directory.GetFiles(Harness.Folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Cancelled_at_any_step_it_has_removed_nothing_and_leaves_no_file(int phase)
    {
        var location = await CreateShopAsync();
        var before = await Harness.ReadAllAsync(location);
        using var person = new ImpatientPerson(phase, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), new OrphanCount(100, 0), person, person.Token));

        Assert.Equal(before, await Harness.ReadAllAsync(location));
        Assert.Empty(Directory.GetFiles(Harness.Folder));
    }

    private IMaintenanceTask Check => ((IMaintained)Engine).Tasks.Single(task => task.Description.Key == Orphanage.CheckTask);

    /// <summary>Order 11 is older than its foreign key; two items go with it, and the note of one of them.</summary>
    private Task<string> CreateShopAsync() => CreateAsync(
        "CREATE TABLE customers (id int PRIMARY KEY)",
        "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int, note text, body bytea, paid interval, twice int GENERATED ALWAYS AS (customer * 2) STORED)",
        "CREATE TABLE items (id int PRIMARY KEY, \"the \"\"order\"\"\" int REFERENCES orders ON DELETE RESTRICT)",
        "CREATE SCHEMA side",
        "CREATE TABLE side.notes (item int REFERENCES public.items ON DELETE CASCADE, body text)",
        "INSERT INTO customers VALUES (1)",
        "INSERT INTO orders (id, customer, note, body, paid) OVERRIDING SYSTEM VALUE VALUES (10, 1, 'kept', '', NULL), (11, 9, E'it''s \\\\ gone\\nü', '\\x00ff', '1 mon 2 days')",
        "INSERT INTO items VALUES (100, 10), (101, 11), (102, 11)",
        "INSERT INTO side.notes VALUES (101, 'gone')",
        "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customers NOT VALID");
}
