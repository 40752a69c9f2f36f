using Dashboard.Web.Api;
using Xunit;

namespace Dashboard.Web.Tests.Api;

public sealed class CsvTests
{
    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49", "'+49")]
    [InlineData("-x", "'-x")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    public void A_text_is_quoted_and_never_a_formula(string text, string cell) => Assert.Equal($"head\r\n{cell}\r\n", Csv.Write(["head"], [[text]]));

    [Fact]
    public void Other_values_are_written_the_same_everywhere()
    {
        var at = new DateTimeOffset(2026, 11, 22, 14, 5, 6, TimeSpan.FromHours(1));

        Assert.Equal("a,b,c,d,e\r\n-12,0.5,true,2026-11-22T13:05:06Z,\r\n", Csv.Write(["a", "b", "c", "d", "e"], [[-12L, 0.5, true, at, null]]));
    }
}
