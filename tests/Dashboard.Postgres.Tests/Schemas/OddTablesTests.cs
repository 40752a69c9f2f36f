using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class OddTablesTests : SchemaTests
{
    public static TheoryData<string, string, string> Names => new()
    {
        { "public", "quo\"te", "\"quo\"\"te\"" },
        { "public", "dot.ted", "\"dot.ted\"" },
        { "public", "🦊 of the 'forest'; --", "🦊 of the 'forest'; --" },
        { "public", "UPPER", "UPPER" },
        { "public", " ", " " },
        { "public", "a{0}%s\\n$1", "a{0}%s\\n$1" },
        { "public", new string('é', 31) + "x", new string('é', 31) + "x" },
        { "my.schema", "dot.ted", "\"my.schema\".\"dot.ted\"" },
        { "Audit \"old\"", "log", "\"Audit \"\"old\"\"\".log" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_table_is_read_whatever_its_name(string schema, string name, string text)
    {
        var sql = $"{TestServer.Quoted(schema)}.{TestServer.Quoted(name)}";
        var location = await CreateAsync($"CREATE SCHEMA IF NOT EXISTS {TestServer.Quoted(schema)}; CREATE TABLE {sql} ({TestServer.Quoted(name)} int PRIMARY KEY); INSERT INTO {sql} SELECT generate_series(1, 7)");

        var table = Assert.Single((await Engine.ReadTablesAsync(location, Plenty, Now)).Tables);
        var details = await Engine.ReadTableAsync(location, text, Plenty, Now);

        Assert.Equal((text, 7, true), (table.Name, table.Rows!.Value, table.Rows.IsExact));
        Assert.Equal((text, name), (details.Facts.Name, Assert.Single(details.Columns).Name));
        Assert.Equal(new TableRows(text, 7), Assert.Single((await Engine.CountRowsAsync(location, Plenty, Now)).Tables));
        Assert.Equal(7, (await Engine.CountTableAsync(location, text, RunProgress.None, Now)).Value);
        Assert.Equal(text, Assert.Single((await Engine.ReadIndexesAsync(location, Now)).Indexes).Table);
    }

    [Theory]
    [InlineData("no such table")]
    [InlineData("\"")]
    [InlineData("a\"b.c\"")]
    [InlineData("'; DROP TABLE kept; --")]
    [InlineData("🦊.🦊")]
    [InlineData("")]
    public async Task A_name_that_no_table_has_is_said_to_be_missing(string name)
    {
        var location = await CreateAsync("CREATE TABLE kept (id int)");

        var error = await Assert.ThrowsAsync<TableMissingException>(() => Engine.ReadTableAsync(location, name, Plenty, Now));
        await Assert.ThrowsAsync<TableMissingException>(() => Engine.CountTableAsync(location, name, RunProgress.None, Now));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
        Assert.Single((await Engine.ReadTablesAsync(location, Plenty, Now)).Tables);
    }

    [Fact]
    public async Task Two_schemas_may_have_tables_of_the_same_name()
    {
        var location = await CreateAsync("CREATE SCHEMA audit; CREATE TABLE log (id int); CREATE TABLE audit.log (id int, note text); INSERT INTO audit.log VALUES (1, 'a')");

        var list = await Engine.ReadTablesAsync(location, Plenty, Now);

        Assert.Equal([("audit.log", 1L), ("log", 0L)], list.Tables.Select(table => (table.Name, table.Rows!.Value)));
        Assert.Equal(2, (await Engine.ReadTableAsync(location, "audit.log", Plenty, Now)).Columns.Count);
        Assert.Single((await Engine.ReadTableAsync(location, "log", Plenty, Now)).Columns);
    }

    [Fact]
    public async Task Only_what_holds_rows_is_listed()
    {
        var location = await CreateAsync(
            """
            CREATE TABLE kept (id int);
            CREATE VIEW seen AS SELECT * FROM kept;
            CREATE FOREIGN DATA WRAPPER nothing;
            CREATE SERVER far FOREIGN DATA WRAPPER nothing;
            CREATE FOREIGN TABLE away (id int) SERVER far;
            CREATE SEQUENCE numbers;
            CREATE TYPE pair AS (a int, b int);
            CREATE UNLOGGED TABLE quick (id int);
            CREATE TABLE parted (id int) PARTITION BY RANGE (id);
            CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
            CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM kept;
            """);
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "CREATE TEMP TABLE passing (id int)");

        var list = await Engine.ReadTablesAsync(location, Plenty, Now);

        Assert.Equal(["kept", "parted", "quick", "sums"], list.Tables.Select(table => table.Name));
        Assert.Equal(["kept", "parted_1", "quick"], (await Engine.CountRowsAsync(location, Plenty, Now)).Tables.Select(table => table.Table));
        Assert.True(list.OtherBytes!.Value > 1_000_000);
        await Assert.ThrowsAsync<TableMissingException>(() => Engine.ReadTableAsync(location, "seen", Plenty, Now));
    }

    [Fact]
    public async Task Rows_of_those_that_inherit_are_not_those_of_the_parent()
    {
        var location = await CreateAsync("CREATE TABLE base (id int); CREATE TABLE special (note text) INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO special VALUES (2, 'b'), (3, 'c')");

        Assert.Equal([1, 2], (await Engine.ReadTablesAsync(location, Plenty, Now)).Tables.Select(table => table.Rows!.Value));
        Assert.Equal(1, (await Engine.CountTableAsync(location, "base", RunProgress.None, Now)).Value);
        Assert.Equal(2, (await Engine.ReadTableAsync(location, "special", Plenty, Now)).Columns.Count);
    }

    [Fact]
    public async Task A_materialized_view_is_counted_and_one_without_content_holds_nothing()
    {
        var location = await CreateAsync("CREATE MATERIALIZED VIEW filled AS SELECT generate_series(1, 9) AS id; CREATE MATERIALIZED VIEW hollow AS SELECT 1 AS id WITH NO DATA");

        var counts = await Engine.CountRowsAsync(location, Plenty, Now);

        // No backup holds their rows, so nothing that compares with one counts them.
        Assert.Empty(counts.Tables);
        Assert.True(counts.IsComplete);
        Assert.Equal(9, (await FindAsync(location, "filled")).Rows!.Value);
        Assert.Equal(0, (await FindAsync(location, "hollow")).Rows!.Value);
        Assert.Equal(0, (await Engine.CountTableAsync(location, "hollow", RunProgress.None, Now)).Value);
        Assert.StartsWith("CREATE MATERIALIZED VIEW public.filled AS", (await Engine.ReadTableAsync(location, "filled", Plenty, Now)).Definition, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_without_columns_has_rows_all_the_same()
    {
        var location = await CreateAsync("CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES");

        var details = await Engine.ReadTableAsync(location, "bare", Plenty, Now);

        Assert.Empty(details.Columns);
        Assert.Equal(2, details.Facts.Rows!.Value);
        Assert.Equal("CREATE TABLE public.bare ();", details.Definition);
    }

    [Fact]
    public async Task Tables_that_come_and_go_meanwhile_disturb_nothing()
    {
        var location = await CreateAsync("CREATE TABLE kept (id int PRIMARY KEY)");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Now);
        var others = Task.Run(async () =>
        {
            await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
            while (!over.IsCancellationRequested)
            {
                await PostgresHarness.ExecuteAsync(connection, "CREATE TABLE passing (id int PRIMARY KEY, at date DEFAULT now() CHECK (at > '2000-01-01')); CREATE INDEX ON passing ((id + 1)) WHERE id > 3; INSERT INTO passing SELECT generate_series(1, 100)");
                await PostgresHarness.ExecuteAsync(connection, "DROP TABLE passing");
            }
        }, Now);

        for (var round = 0; round < 40; round++)
        {
            Assert.Contains((await Engine.ReadTablesAsync(location, TimeSpan.FromMilliseconds(250), Now)).Tables, table => table.Name == "kept");
            Assert.Contains((await Engine.ReadIndexesAsync(location, Now)).Indexes, index => index.Name == "kept_pkey");
            Assert.Contains((await Engine.CountRowsAsync(location, Plenty, Now)).Tables, table => table.Table == "kept");
            try
            {
                Assert.Equal(2, (await Engine.ReadTableAsync(location, "passing", Plenty, Now)).Columns.Count);
            }
            catch (TableMissingException)
            {
            }
        }

        await over.CancelAsync();
        await others;
    }
}
