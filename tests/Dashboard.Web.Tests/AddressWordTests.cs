using Xunit;

namespace Dashboard.Web.Tests;

public sealed class AddressWordTests
{
    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("order items", "order%20items")]
    [InlineData("", "~")]
    [InlineData("~", "~7E")]
    [InlineData("a/b", "a~2Fb")]
    [InlineData("100%", "100~25")]
    [InlineData("..", "~2E.")]
    [InlineData("v1.2", "v1.2")]
    [InlineData("line\nbreak", "line~0Abreak")]
    public void What_the_way_would_change_is_written_otherwise(string name, string word) => Assert.Equal(word, AddressWord.Write(name));

    [Theory]
    [InlineData("semi;colon \"quoted\" 'single' 🦊\nline [x] `y` %_\\")]
    [InlineData("%2F~41+&=?#")]
    [InlineData("../../etc")]
    [InlineData("été 表")]
    [InlineData("\u007f\u0001")]
    public void A_name_comes_back_as_it_was(string name) => Assert.Equal(name, AddressWord.Read(Uri.UnescapeDataString(AddressWord.Write(name))));

    [Theory]
    [InlineData(null, "")]
    [InlineData("order items", "order items")]
    [InlineData("a~b", "a~b")]
    [InlineData("a~", "a~")]
    public void What_somebody_typed_is_taken_as_it_is(string? word, string name) => Assert.Equal(name, AddressWord.Read(word));
}
