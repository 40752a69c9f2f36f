using Bunit;
using Dashboard.Web.Features.Databases;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class TablePageTests : PagesWithRuns
{
    private const string Absurd = "a/b \"c\" .. %2F 🦊\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Shows_columns_indexes_triggers_and_the_definition()
    {
        await AddDatabaseAsync(
            "shop",
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers, item TEXT DEFAULT 'tea', loud TEXT AS (upper(item)));
            CREATE INDEX by_customer ON orders (customer);
            CREATE TRIGGER noted AFTER INSERT ON orders BEGIN SELECT 1; END;
            INSERT INTO customers DEFAULT VALUES;
            INSERT INTO orders (customer) VALUES (1), (1);
            """);

        var page = Open("shop", "orders");

        page.WaitForAssertion(() => Assert.Equal("2", page.Find(".figures .num").TextContent), Patience);
        Assert.Equal(["id", "customer", "item", "loud"], page.FindAll("[aria-label=Columns] tbody th").Select(name => name.TextContent.Trim()));
        Assert.Contains("customers", page.FindAll("[aria-label=Columns] tbody tr")[1].TextContent);
        Assert.Equal("joins orders to customers", page.Find("[data-purpose]").TextContent);
        Assert.Contains("noted", page.Find(".figures").TextContent);
        Assert.StartsWith("CREATE TABLE orders", page.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Find("[aria-label='Copy the definition']"));
    }

    [Fact]
    public async Task The_most_absurd_name_has_a_page()
    {
        await AddDatabaseAsync("shop", $"CREATE TABLE \"{Absurd.Replace("\"", "\"\"", StringComparison.Ordinal)}\" (x)");

        var page = Open("shop", Uri.UnescapeDataString(AddressWord.Write(Absurd)));

        page.WaitForAssertion(() => Assert.Equal(Absurd, page.Find("h2.title").TextContent), Patience);
        page.WaitForElement("pre", Patience);
    }

    [Fact]
    public async Task Says_that_there_is_no_such_table_and_that_one_has_gone()
    {
        var shop = await AddDatabaseAsync("shop");
        var nothing = Open("shop", "nothing");
        nothing.WaitForAssertion(() => Assert.Contains("There is no table called “nothing” in shop.", nothing.Markup), Patience);
        var page = Open("shop", "orders");
        page.WaitForElement("pre", Patience);

        Write(shop, "DROP TABLE orders");

        page.WaitForAssertion(() => Assert.Contains("“orders” is no longer in shop.", page.Markup), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Follows_the_table_and_its_indexes()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop", "orders");
        page.WaitForAssertion(() => Assert.Equal("3", page.Find(".figures .num").TextContent), Patience);

        Write(shop, "INSERT INTO orders (item) VALUES ('late'); CREATE INDEX by_item ON orders (item)");

        // Two commits: a reading may come between them, and the next one sees both.
        page.WaitForAssertion(() => Assert.Equal("4", page.Find(".figures .num").TextContent), Patience);
        page.WaitForAssertion(() => Assert.Equal("looks up orders by item", page.Find("[data-purpose]").TextContent), Patience);
    }

    private IRenderedComponent<TablePage> Open(string slug, string table) =>
        Render<TablePage>(parameters => parameters.Add(page => page.Slug, slug).Add(page => page.TableWord, table));
}
