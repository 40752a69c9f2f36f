using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Web.Features.Databases;
using Dashboard.Web.Features.Maintenance;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class CreateIndexTests : PagesWithRuns
{
    private const string Orders =
        """
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, paid INTEGER);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO orders SELECT i, i % 5000, i % 2 FROM n;
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task From_the_form_to_its_measured_effect_and_back()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: Orders);
        var page = Render<IndexesPage>(parameters => parameters.Add(p => p.Slug, shop.Slug));
        await FillAsync(page, "SELECT COUNT(*) FROM orders WHERE customer = 77 AND paid = 1");
        Assert.Equal("""CREATE INDEX "orders_by_customer_id" ON "orders" ("customer", "id") WHERE paid = 1""", page.Find("[aria-label=Statement]").TextContent);
        Assert.Contains("Whoever writes to this database waits until the index stands", page.Find("form[aria-label='Create an index']").TextContent, StringComparison.Ordinal);

        await page.InvokeAsync(() => page.Find("form[aria-label='Create an index']").Submit());

        page.WaitForAssertion(() => Assert.EndsWith("/databases/shop/maintenance", Get<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        var done = Render<MaintenancePage>(parameters => parameters.Add(p => p.Slug, shop.Slug));
        done.WaitForAssertion(() => Assert.Contains("It uses the new index.", done.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("Plan after: SEARCH orders USING COVERING INDEX orders_by_customer_id (customer=?)", done.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal);

        await done.ClickAsync("[aria-label='Remove it again: orders_by_customer_id']");

        done.WaitForAssertion(() => Assert.Contains("Removed orders_by_customer_id from orders.", done.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
        done.WaitForAssertion(() => Assert.Empty(done.FindAll("[aria-label='Remove it again: orders_by_customer_id']")), Patience);
        Assert.Empty((await Get<EngineCatalog>().For(shop).ReadIndexesAsync(shop.Location, CancellationToken.None)).Indexes);
    }

    [Fact]
    public async Task A_query_that_writes_is_refused_on_the_form_and_nothing_is_asked_for()
    {
        var shop = await AddDatabaseAsync(sql: Orders);
        var page = Render<IndexesPage>(parameters => parameters.Add(p => p.Slug, shop.Slug));
        await FillAsync(page, "DELETE FROM orders");

        await page.InvokeAsync(() => page.Find("form[aria-label='Create an index']").Submit());

        page.WaitForAssertion(() => Assert.Contains("The query is not run. It is not one SELECT that only reads.", page.Find("form[aria-label='Create an index']").TextContent, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain("/maintenance", Get<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    private static async Task FillAsync(IRenderedComponent<IndexesPage> page, string query)
    {
        const string Form = "form[aria-label='Create an index']";
        await page.ActAsync("details.make", details => details.TriggerEvent("ontoggle", EventArgs.Empty));
        await page.ActAsync($"{Form} input[list]", table => table.Change("orders"));
        page.WaitForAssertion(() => Assert.Equal(4, page.FindAll($"{Form} select option").Count), Patience);
        await page.ActAsync($"{Form} select", column => column.Change("paid"));
        await page.ActAsync("[aria-label='Take paid out']", button => button.Click());
        await page.ActAsync($"{Form} select", column => column.Change("customer"));
        await page.ActAsync($"{Form} select", column => column.Change("id"));
        await page.ActAsync($"{Form} .wide input", where => where.Input("paid = 1"));
        await page.ActAsync($"{Form} textarea", text => text.Input(query));
    }
}
