using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class HealthJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_run_counts_what_passed_and_the_strip_leads_to_it()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE orders(id INTEGER PRIMARY KEY, total INTEGER); INSERT INTO orders(total) VALUES (3), (-2);");
        var page = await OpenAsync();
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Backed up and checked").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Health", Exact = true }).Last.ClickAsync();
        await Expect(page.GetByText("Nobody has looked yet.")).ToBeVisibleAsync();
        await ShowAsync(page, "health-empty");
        await AccessibleAsync(page, "health that nobody has looked at");

        // So many are switched off, from the keyboard alone, that eight are left.
        foreach (var check in new[] { "Statistics", "Permissions", "Place of the backups", "Journal mode", "Free pages", "Version of SQLite", "Hard links and mounts", "WAL in use" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = $"Change: {check}", Exact = true }).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            var form = page.GetByRole(AriaRole.Form, new() { Name = $"Change {check}", Exact = true });
            await form.GetByLabel("Ask this check").FocusAsync();
            await page.Keyboard.PressAsync("Space");
            await form.GetByRole(AriaRole.Button, new() { Name = "Save" }).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Expect(form).ToHaveCountAsync(0);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Add your own" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("No negative totals");
        await page.GetByLabel("Question (SQL that only reads)").FillAsync("SELECT id FROM orders WHERE total < 0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it" }).ClickAsync();
        await Expect(page.GetByText("It found 1 row: 2.")).ToBeVisibleAsync();
        await ShowAsync(page, "health-own");
        await AccessibleAsync(page, "a check of one's own");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No negative totals" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();

        await Expect(page.GetByText("7 of 8 passed, all critical ones.").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Run now" })).ToBeEnabledAsync();
        await Expect(page.GetByText("Attention").First).ToBeVisibleAsync();
        await ShowAsync(page, "health-light");
        await AccessibleAsync(page, "health");

        // From the strip to the run, and from there to its log.
        await page.Locator("section .strip a.day").First.ClickAsync();
        await Expect(page.GetByText("This is what was found")).ToBeVisibleAsync();
        await Expect(page.GetByText("It found 1 row: 2.", new() { Exact = true })).ToBeVisibleAsync();
        await ShowAsync(page, "health-day");
        await AccessibleAsync(page, "health of a day");
        await page.GetByRole(AriaRole.Link, new() { Name = "The run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check the health of shop" })).ToBeVisibleAsync();
        await Expect(page.GetByText("No negative totals: failed. It found 1 row: 2.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Open health" }).ClickAsync();
        await Expect(page.GetByText("7 of 8 passed, all critical ones.").First).ToBeVisibleAsync();

        var dark = await OpenAsync("/databases/shop/health?days=90", ColorScheme.Dark);
        await Expect(dark.GetByText("Last 90 days")).ToBeVisibleAsync();
        await dark.GetByRole(AriaRole.Button, new() { Name = "Change: Write-ahead log", Exact = true }).ClickAsync();
        await dark.GetByRole(AriaRole.Button, new() { Name = "Schedule" }).ClickAsync();
        await Expect(dark.GetByText("One that is missed is caught up once, within a day.")).ToBeVisibleAsync();
        await ShowAsync(dark, "health-dark");
        await AccessibleAsync(dark, "health in the dark");

        await GoAsync(dark, "/health");
        await Expect(dark.GetByRole(AriaRole.Heading, new() { Name = "Checks" })).ToBeVisibleAsync();
        await dark.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();
        await Expect(dark.GetByText("All 5 passed.").Or(dark.GetByText("of 5 passed")).First).ToBeVisibleAsync();
        await ShowAsync(dark, "health-installation-dark");
        await AccessibleAsync(dark, "health of the installation");

        await LookAsync(page, "health-installation-light", "/health");
        foreach (var (theme, scheme) in new[] { ("", ColorScheme.Light), ("-dark", ColorScheme.Dark) })
        {
            var phone = await OpenAsync("/health", scheme, 390, 844);
            await LookAsync(phone, "health-installation-phone" + theme, "/health");
            await LookAsync(phone, "health-phone" + theme, "/databases/shop/health?days=90");
        }

        ConsoleIsClean();

        static async Task LookAsync(IPage page, string name, string path)
        {
            await GoAsync(page, path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Checks" })).ToBeVisibleAsync();
            await Expect(page.GetByText("passed").First).ToBeVisibleAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await ShowAsync(page, name);
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than the window.");
            await AccessibleAsync(page, name);
        }
    }
}
