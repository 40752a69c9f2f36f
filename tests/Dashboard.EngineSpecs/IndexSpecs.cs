using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.EngineSpecs;

/// <summary>An index that is made from a form, and the query on which its effect is measured.</summary>
public abstract class IndexSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private const string Query = "SELECT id FROM orders WHERE content = 'x'";

    private static readonly IndexDraft Draft = new("orders \"by\" content", "orders", ["content", "id"], IsUnique: false, Where: null);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IIndexMaker Maker => (IIndexMaker)Engine;

    [Fact]
    public async Task It_is_made_used_and_removed_again()
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadContentAsync(location);
        var before = await Maker.MeasureQueryAsync(location, Query, Now);

        await Maker.CreateIndexAsync(location, Draft, RunProgress.None, Now);
        var after = await Maker.MeasureQueryAsync(location, Query + ";  -- mine\n", Now);
        var made = (await Engine.ReadIndexesAsync(location, Now)).Indexes.Single(index => index.Name == Draft.Name);
        var stands = await Maker.TraceIndexAsync(location, Draft, Now);
        await Maker.DropIndexAsync(location, Draft, RunProgress.None, Now);
        await Maker.DropIndexAsync(location, Draft, RunProgress.None, Now);

        Assert.Empty(before.Indexes);
        Assert.Equal([Draft.Name], after.Indexes);
        Assert.All(new[] { before, after }, measure =>
        {
            Assert.Equal(QueryMeasure.MostRuns, measure.Runs);
            Assert.True(measure.Median > TimeSpan.Zero);
            Assert.NotEmpty(measure.Plan);
        });
        Assert.Equal((false, false, "content, id"), (made.IsUnique, made.IsPartial, string.Join(", ", made.Columns.Select(column => column.Name))));
        Assert.True(stands);
        Assert.False(await Maker.TraceIndexAsync(location, Draft, Now));
        Assert.Equal(all, await Harness.ReadContentAsync(location));
    }

    [Fact]
    public async Task One_for_some_rows_that_keeps_them_unique_is_what_was_asked_for()
    {
        var location = await Harness.CreateAsync();

        await Maker.CreateIndexAsync(location, Draft with { Columns = ["id"], IsUnique = true, Where = "id > 10 -- only those" }, RunProgress.None, Now);

        var made = (await Engine.ReadIndexesAsync(location, Now)).Indexes.Single(index => index.Name == Draft.Name);
        Assert.Equal((true, true), (made.IsUnique, made.IsPartial));
    }

    [Theory]
    [InlineData("id > 10; DROP TABLE customers")]
    [InlineData("id > 10; DROP TABLE customers --")]
    [InlineData("no_such_column > 10")]
    [InlineData("id >")]
    [InlineData("1); DELETE FROM customers; --")]
    public async Task A_condition_that_is_none_makes_nothing_and_does_nothing(string where)
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadContentAsync(location);

        await Assert.ThrowsAsync<DatabaseException>(() => Maker.CreateIndexAsync(location, Draft with { Where = where }, RunProgress.None, Now));

        Assert.Equal(all, await Harness.ReadContentAsync(location));
    }

    [Fact]
    public async Task Where_it_cannot_be_unique_no_half_of_it_stays_and_a_name_that_is_taken_keeps_its_index()
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadContentAsync(location);

        var twice = await Assert.ThrowsAsync<DatabaseException>(() => Maker.CreateIndexAsync(location, new IndexDraft("once", "orders", ["customer"], IsUnique: true, null), RunProgress.None, Now));
        await Assert.ThrowsAsync<DatabaseException>(() => Maker.CreateIndexAsync(location, new IndexDraft("orders_by_customer", "customers", ["name"], IsUnique: false, null), RunProgress.None, Now));

        Assert.StartsWith("The index can't be created: ", twice.Message, StringComparison.Ordinal);
        Assert.Equal(all, await Harness.ReadContentAsync(location));
    }

    [Fact]
    public async Task Cancelled_while_it_is_made_nothing_of_it_stays()
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadContentAsync(location);
        using var person = new ImpatientPerson(0, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Maker.CreateIndexAsync(location, Draft, person, person.Token));

        Assert.Equal(all, await Harness.ReadContentAsync(location));
    }

    [Theory]
    [InlineData("DELETE FROM customers")]
    [InlineData("SELECT 1; DELETE FROM customers")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("WITH gone AS (DELETE FROM customers RETURNING id) SELECT * FROM gone")]
    [InlineData("CREATE TABLE more (id int)")]
    [InlineData("UPDATE customers SET name = 'x' RETURNING id")]
    [InlineData("COMMIT")]
    [InlineData("BEGIN")]
    [InlineData("COMMIT; DELETE FROM customers")]
    [InlineData("EXPLAIN SELECT 1")]
    [InlineData("PRAGMA journal_mode = DELETE")]
    [InlineData("ATTACH 'other.db' AS other")]
    [InlineData("VACUUM")]
    [InlineData("SELECT * INTO more FROM customers")]
    [InlineData("SELECT * FROM no_such_table")]
    [InlineData("SELECT * FROM customers WHERE id = $1")]
    [InlineData("-- nothing")]
    [InlineData("")]
    public async Task What_is_not_one_select_that_reads_is_refused_and_not_run(string query)
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadAllAsync(location);

        await Assert.ThrowsAsync<DatabaseException>(() => Maker.CheckQueryAsync(location, query, Now));
        await Assert.ThrowsAsync<DatabaseException>(() => Maker.MeasureQueryAsync(location, query, Now));

        Assert.Equal(all, await Harness.ReadAllAsync(location));
        await Maker.CheckQueryAsync(location, Query, Now);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_told_and_not_made()
    {
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Maker.CheckQueryAsync(Harness.Nowhere, Query, Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Maker.MeasureQueryAsync(Harness.Nowhere, Query, Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Maker.CreateIndexAsync(Harness.Nowhere, Draft, RunProgress.None, Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Maker.DropIndexAsync(Harness.Nowhere, Draft, RunProgress.None, Now));
    }
}
