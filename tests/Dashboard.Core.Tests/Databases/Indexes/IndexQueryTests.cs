using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Core.Tests.Databases.Indexes;

public sealed class IndexQueryTests
{
    [Fact]
    public void Sorted_by_use_those_that_are_not_counted_come_last_whichever_way()
    {
        var lines = new[] { Line("a", 5), Line("b", null), Line("c", 70), Line("d", 0) };

        Assert.Equal(["c", "a", "d", "b"], IndexQuery.Read("used", null, null, null, null).Arrange(lines).Select(line => line.Index.Name));
        Assert.Equal(["d", "a", "c", "b"], IndexQuery.Read("used", false, null, null, null).Arrange(lines).Select(line => line.Index.Name));
    }

    private static IndexLine Line(string name, long? uses) =>
        new(new IndexFacts(name, "orders", [new IndexColumn("id", null)], false, null, IndexOrigin.ByHand, null, null, null) { Uses = uses }, new IndexUse("", IndexVerdict.Useful), null);
}
