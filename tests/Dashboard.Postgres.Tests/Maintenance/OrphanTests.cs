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
        var removed = await Orphanage.RemoveOrphansAsync(location, keep, shown.Rows, RunProgress.None, Now);

        Assert.Equal(("Found 1 orphan.", "orders → customers: 1 row (orders_customer)"), (check.Sentence, Assert.Single(check.Findings)));
        Assert.Equal(
            ["items → orders: 2 rows, whose parent is removed", "orders → customers: 1 row", "side.notes → items: 1 row, whose parent is removed"],
            shown.Groups.Select(group => group.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(shown.Groups, removed.Groups);
        Assert.Equal(["1 1 1 0"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT (SELECT count(*) FROM customers) || ' ' || (SELECT count(*) FROM orders) || ' ' || (SELECT count(*) FROM items) || ' ' || (SELECT count(*) FROM side.notes)"));
        Assert.StartsWith("Every row has its parent.", (await Check.RunAsync(location, RunProgress.None, Now)).Sentence, StringComparison.Ordinal);

        await ExecuteAsync(location, await File.ReadAllTextAsync(keep, Now));
        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task Where_the_server_keeps_every_key_there_is_nothing_to_look_for()
    {
        var location = await CreateAsync("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (a int REFERENCES a)");

        var outlook = await Check.LookAheadAsync(location, Now);

        Assert.Equal((MaintenanceWorth.No, "The server keeps every foreign key: there can be no orphans."), (outlook.Worth, outlook.Gain));
        Assert.Equal(0, (await Orphanage.FindOrphansAsync(location, RunProgress.None, Now)).Rows);
    }

    [Fact]
    public async Task More_rows_than_were_agreed_to_and_a_table_that_is_locked_cost_nothing()
    {
        var location = await CreateShopAsync();
        var before = await Harness.ReadAllAsync(location);

        var more = await Assert.ThrowsAsync<DatabaseException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), 3, RunProgress.None, Now));
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; LOCK TABLE items IN ROW EXCLUSIVE MODE");
        await Assert.ThrowsAsync<DatabaseBusyException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), 4, RunProgress.None, Now));

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

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Orphanage.RemoveOrphansAsync(location, Harness.NewFile("kept.sql"), 100, person, person.Token));

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
