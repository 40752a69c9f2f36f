using Dashboard.Core.Databases;
using FsCheck;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Databases;

public sealed class SlugTests
{
    [Theory]
    [InlineData("Shop", "shop")]
    [InlineData("Crème brûlée (2)", "creme-brulee-2")]
    [InlineData("  --Orders__2026--  ", "orders-2026")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("a\nb\0c", "a-b-c")]
    [InlineData("", "database")]
    [InlineData("   ", "database")]
    [InlineData("数据库", "database")]
    [InlineData("🗄️", "database")]
    [InlineData("İstanbul", "istanbul")]
    public void Any_name_becomes_an_address(string name, string slug) => Assert.Equal(slug, Slug.From(name));

    [Theory]
    [InlineData("add")]
    [InlineData("CON")]
    [InlineData("nul")]
    [InlineData("COM1")]
    [InlineData("com9")]
    [InlineData("lpt4")]
    public void Words_that_mean_something_else_are_not_taken(string name) => Assert.Equal($"database-{name.ToLowerInvariant()}", Slug.From(name));

    [Fact]
    public void Half_a_character_is_no_fault() => Assert.Equal("a-b", Slug.From("a\ud800b"));

    [Fact]
    public void A_long_name_is_cut_without_a_dash_at_its_end()
    {
        var slug = Slug.From(new string('a', 59) + " " + new string('b', 59));

        Assert.Equal(new string('a', 59), slug);
    }

    [Property(MaxTest = 1000)]
    public bool Every_slug_is_safe_in_an_address_and_a_file_name(NonNull<string> name)
    {
        var slug = Slug.From(name.Get);

        return slug.Length is > 0 and <= 80
            && slug.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            && slug[0] != '-' && slug[^1] != '-' && !slug.Contains("--", StringComparison.Ordinal);
    }

    [Fact]
    public void A_taken_slug_gets_a_number()
    {
        HashSet<string> taken = [];

        var slugs = Enumerable.Range(0, 4).Select(_ => Slug.Free("Shop", taken)).Select(slug => taken.Add(slug) ? slug : "twice").ToList();

        Assert.Equal(["shop", "shop", "shop", "shop"], slugs.Select(slug => slug.Split('-')[0]));
        Assert.Equal(4, taken.Count);
        Assert.Contains("shop-4", taken);
    }
}
