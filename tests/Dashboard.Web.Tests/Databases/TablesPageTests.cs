using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Web.Components;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class TablesPageTests : PagesWithRuns
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Shows_every_table_with_its_numbers_largest_first()
    {
        await AddDatabaseAsync("shop", "CREATE TABLE small (x); CREATE TABLE large (id INTEGER PRIMARY KEY, content BLOB); INSERT INTO large (content) VALUES (zeroblob(90000)), (zeroblob(90000)); CREATE INDEX i ON small (x);");

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal(["large", "small"], Names(page)), Patience);
        Assert.Equal("2", Cell(page, "large", 0));
        Assert.Equal("none", Cell(page, "large", 2));
        Assert.Equal("4.00 KiB", Cell(page, "small", 2));
        Assert.Contains("%", Cell(page, "large", 3));
        Assert.Equal("not seen", Cell(page, "large", 5));
        Assert.Equal("2 tables", page.Find(".filters [role=status]").TextContent);
    }

    [Fact]
    public async Task Says_how_a_table_grew_against_what_is_there_now()
    {
        var shop = await AddDatabaseAsync("shop");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 3600 * 3600;
        var rows = SeriesKey.Of(shop.Id, Metric.TableRows, "orders");
        var store = Services.GetRequiredService<ISampleStore>();
        await store.AppendAsync([.. Enumerable.Range(0, 31 * 24).Select(hoursAgo => new Sample(rows, now - hoursAgo * 3600L, hoursAgo < 8 * 24 ? 2 : 10))], CancellationToken.None);
        await store.MoveClosedHoursAsync(now, CancellationToken.None);

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Contains("+1 in 7 d, −7 in 30 d", Cell(page, "orders", 4), StringComparison.Ordinal), Patience);
        Assert.Single(page.FindAll("tbody .sparkline"));
    }

    [Fact]
    public async Task Says_that_there_are_no_tables_yet_and_shows_the_first_by_itself()
    {
        var shop = await AddDatabaseAsync("shop", "PRAGMA user_version = 1; CREATE TABLE gone (x); DROP TABLE gone;");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Contains("There are no tables yet.", page.Markup), Patience);

        Write(shop, "CREATE TABLE first (x)");

        page.WaitForAssertion(() => Assert.Equal(["first"], Names(page)), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Follows_the_file_flashes_what_changed_and_tells_when()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal("3", Cell(page, "orders", 0)), Patience);
        Assert.Empty(page.FindAll(".changed"));

        Write(shop, "INSERT INTO orders (item) VALUES ('late')");

        page.WaitForAssertion(() => Assert.Equal("4", Cell(page, "orders", 0)), TimeSpan.FromSeconds(6));
        Assert.Single(page.FindAll("tbody .changed"));
        Assert.Equal("just now", Cell(page, "orders", 5));
    }

    [Fact]
    public async Task Keeps_the_rows_where_they_are_while_somebody_points_and_applies_when_asked()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal(["orders"], Names(page)), Patience);
        await page.ActAsync(".held", element => element.TriggerEvent("onpointerenter", new Microsoft.AspNetCore.Components.Web.PointerEventArgs { PointerType = "mouse" }));

        Write(shop, "CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(500000)); INSERT INTO orders (item) VALUES ('late')");

        page.WaitForAssertion(() => Assert.Equal("1 change – apply", page.Find(".held-word button").TextContent), TimeSpan.FromSeconds(6));
        Assert.Equal(["orders"], Names(page));
        Assert.Equal("4", Cell(page, "orders", 0));
        await page.ClickAsync(".held-word button");
        page.WaitForAssertion(() => Assert.Equal(["large", "orders"], Names(page)), Patience);
        Assert.Empty(page.FindAll(".held-word button"));
    }

    [Fact]
    public async Task Lets_the_rows_go_when_the_pointer_leaves()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal(["orders"], Names(page)), Patience);
        await page.ActAsync(".held", element => element.FocusIn());
        Write(shop, "CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(500000))");
        page.WaitForElement(".held-word button", TimeSpan.FromSeconds(6));

        await page.ActAsync(".held", element => element.FocusOut());

        page.WaitForAssertion(() => Assert.Equal(["large", "orders"], Names(page)), Patience);
    }

    [Fact]
    public async Task Keeps_the_last_tables_greyed_with_the_reason_when_the_file_can_not_be_read()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal("3", Cell(page, "orders", 0)), Patience);
        var elsewhere = shop.Location + ".away";

        SqliteConnection.ClearAllPools();
        File.Move(shop.Location, elsewhere);

        page.WaitForAssertion(() => Assert.Contains("The tables could not be read", page.Find("[role=alert]").TextContent), Patience);
        Assert.Contains("What you see below is from", page.Markup);
        Assert.Equal("3", page.Find(".table-wrap.stale td .num").TextContent);

        File.Move(elsewhere, shop.Location);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".stale")), Patience);
    }

    [Fact]
    public async Task Opens_as_its_address_says()
    {
        await AddDatabaseAsync("shop", string.Concat(Enumerable.Range(1, 120).Select(number => $"CREATE TABLE item_{number} (x);")));
        Navigate("/databases/shop/tables?sort=name&desc=true&filter=item_1&page=1");

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal(["item_120", "item_119"], Names(page).Take(2)), Patience);
        Assert.Equal("32 of 120 tables", page.Find(".filters [role=status]").TextContent);
        Assert.Equal("descending", page.FindAll("[aria-sort]").Single().GetAttribute("aria-sort"));
        Assert.Contains("sort=name&desc=true&filter=item_1", page.Find(".exports a").GetAttribute("href"));
    }

    [Fact]
    public async Task Filters_while_somebody_types_and_says_when_nothing_fits()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForElement("#filter", Patience);

        await page.TypeAsync("#filter", "nothing");

        page.WaitForAssertion(() => Assert.Contains("No table has “nothing” in its name.", page.Markup), Patience);
        Assert.EndsWith("?filter=nothing", Get<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.DoesNotContain("filter", page.Find(".empty a").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_fifty_of_five_thousand_and_pages_through_them()
    {
        await AddDatabaseAsync("shop", $"BEGIN; {string.Concat(Enumerable.Range(1, 5000).Select(number => $"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, x TEXT);"))} COMMIT;");
        Navigate("/databases/shop/tables?sort=name&page=2");

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal("t51", Names(page)[0]), Patience);
        Assert.Equal(50, Names(page).Count);
        Assert.Contains("51–100 of 5,000", page.Find(".pager").TextContent);
        Assert.Equal(50, page.FindComponents<TableRow>().Count);
    }

    [Fact]
    public async Task Shows_the_exact_sizes_of_the_last_backup_with_its_age()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync("shop", "CREATE TABLE large (content BLOB); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO large SELECT zeroblob(1000) FROM n;");
        await BackUpAsync(shop);

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Contains("as of today", Cell(page, "large", 1)), Patience);
        Assert.DoesNotContain("≈", Cell(page, "large", 1));
    }

    [Fact]
    public async Task Nothing_is_read_once_the_page_is_left()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal(1, Get<LiveTables>().PollerCount), Patience);

        await DisposeComponentsAsync();

        // A page that is gone is drawn no more, so nothing but the clock says when to look again.
        using var patience = new CancellationTokenSource(Patience);
        while (Get<LiveTables>().PollerCount > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }

    [Fact]
    public async Task Counts_a_table_on_demand()
    {
        var shop = await AddDatabaseAsync("shop");
        var counted = false;
        var button = Render<CountRows>(parameters => parameters.Add(count => count.Database, shop).Add(count => count.Table, "orders").Add(count => count.OnCounted, () => counted = true));

        await button.ClickAsync("[aria-label='Count the rows of orders']");

        button.WaitForAssertion(() => Assert.True(counted), Patience);
        Assert.Equal(3, Get<LiveTables>().Of(shop.Id, "orders").Counted!.Value);
        button.WaitForElement("[aria-label='Count the rows of orders']", Patience);
    }

    [Theory]
    [InlineData(true, "1,234,567")]
    [InlineData(false, "≈ 1,230,000")]
    public void An_estimate_is_marked_and_has_no_more_digits_than_it_knows(bool isExact, string shown)
    {
        var at = TimeProvider.System.GetUtcNow();

        var cell = Render<MeasureCell>(parameters => parameters.Add(measure => measure.Value, new Measure(1_234_567, isExact, at)).Add(measure => measure.ReadAt, at));

        Assert.Equal(shown, cell.Find(".num").TextContent);
        Assert.Empty(cell.FindAll(".sub"));
    }

    private IRenderedComponent<TablesPage> Open(string slug) => Render<TablesPage>(parameters => parameters.Add(page => page.Slug, slug));

    private void Navigate(string address) => Get<NavigationManager>().NavigateTo(address);

    private static IReadOnlyList<string> Names(IRenderedComponent<TablesPage> page) => [.. page.FindAll("tbody .name").Select(name => name.TextContent)];

    private static string Cell(IRenderedComponent<TablesPage> page, string table, int column) =>
        page.FindAll("tbody tr").First(row => row.QuerySelector(".name")!.TextContent == table).QuerySelectorAll("td")[column].TextContent.Trim();
}
