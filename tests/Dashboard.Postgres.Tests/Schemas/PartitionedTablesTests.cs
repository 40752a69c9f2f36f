using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

/// <summary>A partitioned table is one table: in the list, on its page, in a count, and for its indexes.</summary>
public sealed class PartitionedTablesTests : SchemaTests
{
    private static readonly string[] Payments =
    [
        "CREATE TABLE payers (id int PRIMARY KEY)",
        "CREATE TABLE payment (id int, at date NOT NULL, payer int REFERENCES payers, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE payment_1 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE payment_2 PARTITION OF payment FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY HASH (id)",
        "CREATE TABLE payment_2a PARTITION OF payment_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE payment_2b PARTITION OF payment_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE TABLE bare (id int) PARTITION BY LIST (id)",
        "CREATE INDEX payment_note ON payment (note)",
        "INSERT INTO payers VALUES (1)",
        "INSERT INTO payment SELECT i, date '2026-01-01' + i % 59, 1, repeat('x', 200) FROM generate_series(1, 4000) i",
        "ANALYZE",
    ];

    [Fact]
    public async Task It_is_listed_once_with_the_sum_of_its_partitions()
    {
        var location = await CreateAsync(Payments);

        var list = await Engine.ReadTablesAsync(location, Plenty, Now);
        var payment = list.Tables.Single(table => table.Name == "payment");

        Assert.Equal(["bare", "payers", "payment"], list.Tables.Select(table => table.Name));
        Assert.Equal(["payment_1", "payment_2a", "payment_2b"], list.Partitions.Select(table => table.Name));
        Assert.Equal((4000L, true, 2), (payment.Rows!.Value, payment.Rows.IsExact, payment.IndexCount));
        Assert.Equal(list.Partitions.Sum(part => part.DataBytes!.Value), payment.DataBytes!.Value);
        Assert.Equal(list.Partitions.Sum(part => part.IndexBytes!.Value), payment.IndexBytes!.Value);
        Assert.True(payment.DataBytes.Value > 800_000);
        Assert.Equal((0L, 0L), (list.Tables[0].Rows!.Value, list.Tables[0].TotalBytes!.Value));
    }

    [Fact]
    public async Task Its_page_shows_columns_indexes_and_statements_that_make_it_again()
    {
        var location = await CreateAsync(Payments);

        var details = await Engine.ReadTableAsync(location, "payment", Plenty, Now);
        var counted = await Engine.CountTableAsync(location, "payment", RunProgress.None, Now);
        var copy = await CreateAsync("CREATE TABLE payers (id int PRIMARY KEY)", details.Definition);

        Assert.Equal(["id", "at", "payer", "note"], details.Columns.Select(column => column.Name));
        Assert.Equal(["payment_note", "payment_pkey"], details.Indexes.Select(index => index.Name));
        Assert.Equal((4000L, 4000L), (details.Facts.Rows!.Value, counted.Value));
        Assert.Equal("payers", Assert.Single(details.ForeignKeys).Parent);
        const string Shape = "SELECT string_agg(concat(c.relname, ' ', c.relkind, ' ', pg_get_expr(c.relpartbound, c.oid), ' ', pg_get_partkeydef(c.oid)), E'\\n' ORDER BY c.relname) FROM pg_class c WHERE c.relname LIKE 'payment%'";
        Assert.Equal((await TextsAsync(location, Shape))[0].Split('\n').Where(line => !line.Contains("_idx", StringComparison.Ordinal)), (await TextsAsync(copy, Shape))[0].Split('\n').Where(line => !line.Contains("_idx", StringComparison.Ordinal)));
        Assert.Equal(details.Definition, (await Engine.ReadTableAsync(copy, "payment", Plenty, Now)).Definition);
    }

    [Fact]
    public async Task An_index_and_advice_about_one_are_told_once()
    {
        var location = await CreateAsync(Payments);

        var list = await Engine.ReadIndexesAsync(location, Now);
        var maker = (IIndexMaker)Engine;
        var draft = new IndexDraft("payment_payer", "payment", ["payer"], false, null);
        var made = await Assert.ThrowsAsync<DatabaseException>(() => maker.CreateIndexAsync(location, draft, RunProgress.None, Now));
        var dropped = await Assert.ThrowsAsync<DatabaseException>(() => maker.DropIndexAsync(location, draft with { Name = "payment_note" }, RunProgress.None, Now));

        Assert.Equal([("payers", "payers_pkey"), ("payment", "payment_note"), ("payment", "payment_pkey")], list.Indexes.Select(index => (index.Table, index.Name)));
        Assert.True(list.Indexes[1].Bytes!.Value > 0);
        Assert.Equal("payment", Assert.Single(list.ForeignKeys).Table);
        Assert.Equal("payment is partitioned: PostgreSQL has no way to have an index of it created while others write (CONCURRENTLY).", made.Message);
        Assert.StartsWith("Remove it by hand", dropped.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_backup_is_compared_with_is_counted_by_partition()
    {
        var location = await CreateAsync(Payments);

        var (_, content) = await Harness.TakeBackupAsync(location, cancellationToken: Now);

        Assert.Equal(content.Rows, (await Engine.CountRowsAsync(location, Plenty, Now)).Tables);
    }
}
