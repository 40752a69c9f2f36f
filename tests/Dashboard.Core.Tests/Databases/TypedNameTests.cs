using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Databases;

public sealed class TypedNameTests
{
    [Theory]
    [InlineData("Shop", true)]
    [InlineData("  Shop\t", true)]
    [InlineData("shop", false)]
    [InlineData("Sho", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_the_name_itself_is_taken(string? typed, bool isTaken) => Assert.Equal(isTaken, TypedName.Matches("Shop", typed));

    [Fact]
    public void A_wrong_name_is_refused_with_the_name_that_is_wanted()
    {
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "Shop", Engine = "lines", Location = "/shop", AddedAt = DateTimeOffset.UnixEpoch };

        var refused = Assert.Throws<NameNeededException>(() => TypedName.Demand(database, "shop"));

        Assert.Equal("Shop", refused.Name);
        Assert.Contains("Shop", refused.Message, StringComparison.Ordinal);
    }
}
