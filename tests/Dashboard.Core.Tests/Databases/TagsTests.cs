using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Databases;

public sealed class TagsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("  ", "")]
    [InlineData("Production, EU;production\tcustomer-a", "customer-a eu production")]
    [InlineData("Größe 🚀", "größe 🚀")]
    public void Are_kept_in_small_letters_each_once(string? typed, string kept) => Assert.Equal(kept, Tags.Demand(typed));

    [Fact]
    public void Too_many_or_too_long_is_said()
    {
        Assert.Contains("11 tags are too many", Assert.Throws<DatabaseException>(() => Tags.Demand("a b c d e f g h i j k")).Message, StringComparison.Ordinal);
        Assert.Contains("too long", Assert.Throws<DatabaseException>(() => Tags.Demand(new string('x', 31))).Message, StringComparison.Ordinal);
    }
}
