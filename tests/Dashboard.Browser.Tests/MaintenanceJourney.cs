using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class MaintenanceJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_vacuum_shows_a_live_bar_and_what_it_gave_back()
    {
        var file = HeavyDatabase("shop.db", megabytes: 300);
        Execute(file, "DELETE FROM files WHERE id % 5 < 2");
        var page = await OpenAsync();
        await AddAsync(page, file);
        await page.GetByRole(AriaRole.Link, new() { Name = "Maintenance" }).ClickAsync();
        await Expect(page.GetByText("1 task is worth it now.").Or(page.GetByText("2 tasks are worth it now."))).ToBeVisibleAsync();
        await ShowAsync(page, "maintenance");
        await AccessibleAsync(page, "maintenance");

        await page.GetByRole(AriaRole.Button, new() { Name = "Run now: Vacuum", Exact = true }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = "Vacuum shop" }).First).ToBeVisibleAsync();
        await ShowAsync(page, "maintenance-running");
        var done = page.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" });
        await Expect(done).ToContainTextAsync("40 %", new() { Timeout = 60_000 });
        Assert.Equal(18_000, Count(file, "SELECT COUNT(*) FROM files"));
        await ShowAsync(page, "maintenance-done");
        await AccessibleAsync(page, "maintenance done");

        var dark = await OpenAsync("/databases/shop/maintenance", ColorScheme.Dark);
        await Expect(dark.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" })).ToBeVisibleAsync();
        await dark.GetByRole(AriaRole.Button, new() { Name = "Schedule: Vacuum", Exact = true }).ClickAsync();
        await Expect(dark.GetByText("One that is missed is caught up once, within a day.")).ToBeVisibleAsync();
        await ShowAsync(dark, "maintenance-dark");
        await AccessibleAsync(dark, "maintenance in the dark");

        var phone = await OpenAsync("/databases/shop/maintenance", width: 390, height: 844);
        await Expect(phone.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" })).ToBeVisibleAsync();
        Assert.True(await phone.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the phone.");
        await ShowAsync(phone, "maintenance-phone");
        await AccessibleAsync(phone, "maintenance on a phone");
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_vacuum_is_cancelled_and_leaves_the_file_as_it_was()
    {
        var file = HeavyDatabase("shop.db", megabytes: 500);
        var page = await OpenAsync();
        await AddAsync(page, file);
        await GoAsync(page, "/databases/shop/maintenance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run now: Vacuum", Exact = true }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.GetByText("Cancelled by Local administrator. Nothing was changed.")).ToBeVisibleAsync();
        Assert.Equal(50_000, Count(file, "SELECT COUNT(*) FROM files"));
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" })).ToHaveCountAsync(0);
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_scheduled_vacuum_fires_in_an_open_browser()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE files(body BLOB); INSERT INTO files VALUES (zeroblob(4000000)); DELETE FROM files;");
        var page = await OpenAsync();
        await AddAsync(page, file);
        await GoAsync(page, "/databases/shop/maintenance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Schedule: Vacuum", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch on" }).ClickAsync();
        await Expect(page.GetByText("every Sunday at 03:30, next")).ToBeVisibleAsync();

        // The clock of this machine can't be moved, so the due time is: what happens then is all the product's.
        Execute(Server.StoreFile, "UPDATE schedules SET NextAt = strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 minutes') WHERE Job = 'maintenance'");

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" })).ToContainTextAsync("100 %", new() { Timeout = 30_000 });
        ConsoleIsClean();
    }

    [Fact]
    public async Task Orphans_are_shown_and_removed_and_an_index_is_made_measured_and_taken_back()
    {
        var file = NewDatabase(
            "shop.db",
            """
            PRAGMA foreign_keys = OFF;
            CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id), paid INTEGER);
            CREATE TABLE items(id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders(id));
            CREATE TABLE notes(id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders(id) ON DELETE SET NULL);
            INSERT INTO customers VALUES (1, 'one');
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) INSERT INTO orders SELECT i, CASE WHEN i % 6000 = 0 THEN 9 ELSE 1 END, i % 500 FROM n;
            INSERT INTO items SELECT id, id FROM orders WHERE id % 2000 = 0;
            INSERT INTO notes SELECT id, id FROM orders WHERE id % 3000 = 0;
            """);
        var page = await OpenAsync();
        await AddAsync(page, file);
        await GoAsync(page, "/databases/shop/maintenance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run now: Check foreign keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show what would be removed" }).ClickAsync();

        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Rows that would be removed" });
        await Expect(rows).ToContainTextAsync("goes along: its parent is one of these rows");
        await Expect(rows).ToContainTextAsync("stays, order emptied: its parent is one of these rows");
        await rows.ScrollIntoViewIfNeededAsync();
        await ShowAsync(page, "maintenance-orphans");
        await AccessibleAsync(page, "orphans");
        await LookAsync("maintenance-orphans-dark", ColorScheme.Dark, 1280);
        await LookAsync("maintenance-orphans-phone", ColorScheme.Light, 390);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove these rows" }).ClickAsync();
        await page.Locator("#confirm-name").FillAsync("shop");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove these rows" }).ClickAsync();

        var done = page.GetByRole(AriaRole.Table, new() { Name = "Done maintenance" });
        await Expect(done).ToContainTextAsync("Removed 20 rows of orders and items. Emptied the key of 10 rows of notes. A copy of them lies in ");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Orphaned rows" })).ToHaveCountAsync(0);
        Assert.Equal((59_990, 20, 10), (Count(file, "SELECT COUNT(*) FROM orders"), Count(file, "SELECT COUNT(*) FROM items"), Count(file, "SELECT COUNT(*) FROM notes WHERE \"order\" IS NULL")));

        await GoAsync(page, "/databases/shop/indexes");
        await FillIndexAsync(page);
        await ShowAsync(page, "create-index");
        await AccessibleAsync(page, "create index");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create index" }).ClickAsync();
        await Expect(done).ToContainTextAsync("It uses the new index.");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the window.");
        await ShowAsync(page, "create-index-effect");
        await AccessibleAsync(page, "the effect of an index");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it again: orders_by_paid" }).ClickAsync();
        await Expect(done).ToContainTextAsync("Removed orders_by_paid from orders.");
        Assert.Equal(0, Count(file, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'"));
        ConsoleIsClean();

        async Task LookAsync(string name, ColorScheme scheme, int width)
        {
            var other = await OpenAsync("/databases/shop/maintenance", scheme, width: width, height: 844);
            await other.GetByRole(AriaRole.Button, new() { Name = "Show what would be removed" }).ClickAsync();
            var table = other.GetByRole(AriaRole.Table, new() { Name = "Rows that would be removed" });
            await Expect(table).ToBeVisibleAsync();
            await table.ScrollIntoViewIfNeededAsync();
            Assert.True(await other.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the window.");
            await ShowAsync(other, name);
            await AccessibleAsync(other, name);
            await GoAsync(other, "/databases/shop/indexes");
            await FillIndexAsync(other);
            Assert.True(await other.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the window.");
            await ShowAsync(other, name.Replace("maintenance-orphans", "create-index", StringComparison.Ordinal));
            await AccessibleAsync(other, "create index, " + name);
        }
    }

    private static async Task FillIndexAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Heading, new() { Name = "Create an index" }).ClickAsync();
        await page.GetByLabel("Table", new() { Exact = true }).FillAsync("orders");
        await page.GetByLabel("Table", new() { Exact = true }).BlurAsync();
        await page.GetByLabel("Next column").SelectOptionAsync("paid");
        await page.GetByLabel("Query on which the effect is measured").FillAsync("SELECT COUNT(*) FROM orders WHERE paid = 77");
        await Expect(page.GetByLabel("Statement")).ToContainTextAsync("CREATE INDEX \"orders_by_paid\"");
    }

    private static async Task AddAsync(IPage page, string file)
    {
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByLabel("Take the first backup now").SetCheckedAsync(false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
    }
}
