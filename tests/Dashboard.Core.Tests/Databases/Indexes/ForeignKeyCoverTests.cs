using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Core.Tests.Databases.Indexes;

public sealed class ForeignKeyCoverTests
{
    private static readonly ForeignKeyFacts Key = new("assessments", ["contract_id"], "contracts", []);

    [Fact]
    public void A_key_without_an_index_says_what_it_costs_and_what_to_write()
    {
        var missing = Assert.Single(ForeignKeyCover.FindMissing(List(Key)));

        Assert.Equal("assessments.contract_id points to contracts and has no index: deletes in contracts read all of assessments.", missing.Sentence);
        Assert.Equal("CREATE INDEX \"assessments_by_contract_id\" ON \"assessments\" (\"contract_id\");", missing.Definition);
    }

    [Fact]
    public void A_key_of_two_columns_is_named_whole()
    {
        var missing = Assert.Single(ForeignKeyCover.FindMissing(List(new ForeignKeyFacts("a", ["x", "y\""], "b", []))));

        Assert.Equal("a (x, y\") point to b and have no index: deletes in b read all of a.", missing.Sentence);
        Assert.EndsWith("ON \"a\" (\"x\", \"y\"\"\");", missing.Definition, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("contract_id", null, true)]
    [InlineData("contract_id,status", null, true)]
    [InlineData("status,contract_id", null, false)]
    [InlineData("contract_id", "contract_id IS NOT NULL", true)]
    [InlineData("contract_id", "\"contract_id\" is not null", true)]
    [InlineData("contract_id", "status = 1", false)]
    public void An_index_serves_it_when_its_columns_come_first(string columns, string? where, bool serves)
    {
        var index = new IndexFacts("i", "assessments", [.. columns.Split(',').Select(column => new IndexColumn(column, null))], false, where, IndexOrigin.ByHand, null, null, null);

        Assert.Equal(serves, ForeignKeyCover.FindMissing(List(Key) with { Indexes = [index] }).Count == 0);
    }

    [Fact]
    public void A_key_that_orders_its_table_needs_none() =>
        Assert.Empty(ForeignKeyCover.FindMissing(List(Key) with { RowKeys = new Dictionary<string, string> { ["assessments"] = "contract_id" } }));

    [Fact]
    public void A_key_that_was_written_twice_is_missed_once() => Assert.Single(ForeignKeyCover.FindMissing(List(Key, Key with { ParentColumns = ["id"] })));

    private static IndexList List(params ForeignKeyFacts[] keys) => new(DateTimeOffset.UnixEpoch, [], keys);
}
