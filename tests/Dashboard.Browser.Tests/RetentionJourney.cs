using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class RetentionJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_rule_goes_from_preview_to_history()
    {
        var file = NewDatabase(
            "shop.db",
            """
            CREATE TABLE app_log(id INTEGER PRIMARY KEY, created_at TEXT, level TEXT, message TEXT);
            CREATE TABLE notes(id INTEGER PRIMARY KEY, line INTEGER REFERENCES app_log(id));
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
            INSERT INTO app_log(created_at, level, message) SELECT datetime('now', '-' || ((20000 - i) / 100) || ' days', '-10 minutes'), CASE i % 3 WHEN 0 THEN 'debug' ELSE 'info' END, 'line ' || i FROM n;
            UPDATE app_log SET created_at = 'unknown' WHERE id <= 5;
            INSERT INTO notes(line) VALUES (100);
            """);
        var page = await OpenAsync();
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByLabel("Take the first backup now").SetCheckedAsync(false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Maintenance" }).ClickAsync();
        var link = page.GetByRole(AriaRole.Link, new() { Name = "Row retention" });
        var before = await link.BoundingBoxAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Incremental vacuum" })).ToBeVisibleAsync();
        var after = await link.BoundingBoxAsync();
        Assert.Equal((before!.X, before.Y), (after!.X, after.Y));
        await link.ClickAsync();
        await Expect(page.GetByText("No table has a rule yet: every row stays for ever.")).ToBeVisibleAsync();
        await ShowAsync(page, "retention-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a rule" }).ClickAsync();
        await page.Locator("form.rule-form select").First.SelectOptionAsync("app_log");
        await Expect(page.GetByText("Seen from some of its rows: text, such as 2026-11-25 14:05:00.")).ToBeVisibleAsync();
        await Expect(page.Locator("form.rule-form select").Nth(1)).Not.ToContainTextAsync("created_at (unknown)");
        await page.GetByLabel("Stop when more would go than, %").FillAsync("60");

        // From here on with the keyboard.
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-preview]")).ToContainTextAsync("of 20,000 rows would go now: 5");
        await Expect(page.Locator("[data-preview]")).ToContainTextAsync("5 rows whose created_at can't be read");

        // A toast that fades out is judged by what shines through.
        await Expect(page.GetByText("Added shop.")).ToBeHiddenAsync();
        await ShowAsync(page, "retention-form");
        await AccessibleAsync(page, "a retention rule with its preview");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByText("Rows older than 90 days by created_at go into a compressed file.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run now: app_log" }).ClickAsync();
        var history = page.GetByRole(AriaRole.Table, new() { Name = "Removed rows" });
        await Expect(history).ToContainTextAsync("Done", new() { Timeout = 60_000 });
        Assert.InRange(Count(file, "SELECT count(*) FROM app_log"), 9_000, 9_200);
        Assert.Equal(6, Count(file, "SELECT count(*) FROM app_log WHERE created_at = 'unknown' OR id = 100"));
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Archive files" })).ToContainTextAsync("app-log_rows_");
        await ShowAsync(page, "retention-done");
        await AccessibleAsync(page, "retention");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Download shop_app-log") }).ClickAsync());
        Assert.EndsWith(".jsonl.zst", download.SuggestedFilename, StringComparison.Ordinal);

        var dark = await OpenAsync("/databases/shop/maintenance/rows?table=app_log", ColorScheme.Dark);
        await Expect(dark.GetByRole(AriaRole.Heading, new() { Name = "Rule of app_log" })).ToBeVisibleAsync();
        await dark.GetByRole(AriaRole.Button, new() { Name = "Schedule: app_log" }).ClickAsync();
        await Expect(dark.GetByText("One that is missed is caught up once, within a day.")).ToBeVisibleAsync();
        await ShowAsync(dark, "retention-dark");
        await AccessibleAsync(dark, "retention in the dark");

        foreach (var (name, scheme) in new[] { ("retention-phone", ColorScheme.Light), ("retention-phone-dark", ColorScheme.Dark) })
        {
            var phone = await OpenAsync("/databases/shop/maintenance/rows?table=app_log", scheme, 390, 844);
            await phone.GetByRole(AriaRole.Button, new() { Name = "Preview: app_log" }).ClickAsync();
            await Expect(phone.Locator("[data-preview]")).ToBeVisibleAsync();
            Assert.True(await phone.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page is wider than the phone.");
            await ShowAsync(phone, name);
            await AccessibleAsync(phone, name);

            // Which tab it is can be seen, though not all of them have room.
            await GoAsync(phone, "/databases/shop/maintenance");
            await Expect(phone.GetByText("1 table has a rule")).ToBeVisibleAsync();
            await Expect(phone.Locator(".tabs a.active")).ToBeInViewportAsync(new() { Ratio = 1 });
            await ShowAsync(phone, name.Replace("retention", "maintenance", StringComparison.Ordinal));
        }

        ConsoleIsClean();
    }
}
