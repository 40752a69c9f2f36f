using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Databases;

public sealed class TableQueryTests
{
    private static readonly TableLine[] Lines =
    [
        Line("item10", 5, 50, 0),
        Line("item2", 9, 10, 30),
        Line("Orders", 1, 90, 5),
        Line("unknown", null, null, null),
    ];

    [Theory]
    [InlineData(null, null, "Orders,item10,item2,unknown")]
    [InlineData("size", false, "item2,item10,Orders,unknown")]
    [InlineData("name", null, "item2,item10,Orders,unknown")]
    [InlineData("name", true, "unknown,Orders,item10,item2")]
    [InlineData("rows", true, "item2,item10,Orders,unknown")]
    [InlineData("ROWS", false, "Orders,item10,item2,unknown")]
    [InlineData("indexes", true, "item2,Orders,item10,unknown")]
    [InlineData("nonsense", null, "Orders,item10,item2,unknown")]
    [InlineData("3", null, "Orders,item10,item2,unknown")]
    public void The_order_is_that_of_the_address_and_what_is_not_known_comes_last(string? sort, bool? descending, string order) =>
        Assert.Equal(order.Split(','), TableQuery.Read(sort, descending, null, null).Arrange(Lines).Select(line => line.Name));

    [Theory]
    [InlineData("ITEM", 2)]
    [InlineData("item 10", 1)]
    [InlineData("  ", 4)]
    [InlineData("item orders", 0)]
    public void Every_word_must_stand_in_the_name(string filter, int count) => Assert.Equal(count, TableQuery.Read(null, null, filter, null).Arrange(Lines).Count);

    [Theory]
    [InlineData(-3, 1)]
    [InlineData(0, 1)]
    [InlineData(7, 7)]
    public void A_page_is_never_before_the_first(int asked, int page) => Assert.Equal(page, TableQuery.Read(null, null, null, asked).Page);

    private static TableLine Line(string name, long? rows, long? data, long? indexes) =>
        new(name, Measured(rows), null, Measured(data), Measured(indexes), 1, null, null);

    private static Measure? Measured(long? value) => value is { } known ? new Measure(known, true, DateTimeOffset.UnixEpoch) : null;
}
