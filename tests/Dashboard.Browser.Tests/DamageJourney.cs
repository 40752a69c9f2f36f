using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>From a damaged file to its last good backup, and from "Recently deleted" to the backup that must not be lost.</summary>
public sealed class DamageJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_damaged_database_leads_to_its_last_good_backup()
    {
        var page = await AddAsync();
        Damage(Path.Combine(Folder, "shop.db"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Health", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run now" }).ClickAsync();
        await Expect(page.GetByText("Integrity: Damage found in table orders.").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Run now" })).ToBeEnabledAsync();

        foreach (var (name, scheme, width) in new[] { ("light", ColorScheme.Light, 1280), ("dark", ColorScheme.Dark, 1280), ("light-phone", ColorScheme.Light, 390), ("dark-phone", ColorScheme.Dark, 390) })
        {
            var look = await OpenAsync("/databases/shop", scheme, width, 900);
            await Expect(look.GetByRole(AriaRole.Link, new() { Name = "Restore last good backup" })).ToBeVisibleAsync();
            await Expect(look.GetByText("Tree ").First).ToBeHiddenAsync();
            await Expect(look.Locator(".skeleton")).ToHaveCountAsync(0);
            Assert.True(await look.EvaluateAsync<double>("() => { const s = document.querySelector('[data-sentence]'); return s.getBoundingClientRect().height / parseFloat(getComputedStyle(s).lineHeight); }") <= 2.1, $"The head of {name} has more than two lines.");
            Assert.True(await look.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than the window.");
            await ShowAsync(look, $"damage-{name}");
            await AccessibleAsync(look, $"damage {name}");
            await look.GetByText("Engine output").First.ClickAsync();
            await Expect(look.GetByText("Tree ").First).ToBeVisibleAsync();
            await ShowAsync(look, $"damage-unfolded-{name}");
            Assert.True(await look.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} unfolded is wider than the window.");
        }

        await GoAsync(page, "/databases/shop");
        await page.GetByRole(AriaRole.Link, new() { Name = "Restore last good backup" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new("^Restore shop") })).ToBeVisibleAsync();
        await ShowAsync(page, "damage-plan");
        ConsoleIsClean();
    }

    [Fact]
    public async Task Recently_deleted_tells_the_good_backup_from_the_damaged_one()
    {
        var page = await AddAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Backups", Exact = true }).Last.ClickAsync();
        var rows = page.GetByRole(AriaRole.Table, new() { Name = "Backups" }).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(2);
        Flip(Directory.GetFiles(Path.Combine(Folder, "data"), "shop_backup_*.zst", SearchOption.AllDirectories).Order().Last());
        await rows.First.GetByRole(AriaRole.Button, new() { NameRegex = new("^Check ") }).ClickAsync();
        await Expect(rows.First.GetByText("Damaged").First).ToBeVisibleAsync();

        await rows.First.GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete ") }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(1);
        await rows.First.GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete ") }).ClickAsync();
        await page.GetByLabel("Name of the database").FillAsync("shop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(0);

        foreach (var (name, scheme, width) in new[] { ("light", ColorScheme.Light, 1280), ("dark", ColorScheme.Dark, 1280), ("light-phone", ColorScheme.Light, 390), ("dark-phone", ColorScheme.Dark, 390) })
        {
            var look = await OpenAsync("/databases/shop/backups?deleted=true", scheme, width, 900);
            var deleted = look.GetByRole(AriaRole.Table, new() { Name = "Recently deleted backups" }).Locator("tbody tr");
            await Expect(deleted).ToHaveCountAsync(2);
            await Expect(deleted.Filter(new() { HasText = "Last good" })).ToHaveCountAsync(1);
            await Expect(deleted.Filter(new() { HasText = "Damaged" })).ToHaveCountAsync(1);
            await ShowAsync(look, $"deleted-{name}");
            await AccessibleAsync(look, $"deleted {name}");
            Assert.True(await look.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than the window.");

            await deleted.Filter(new() { HasText = "Last good" }).GetByRole(AriaRole.Button, new() { NameRegex = new("^Remove for good") }).ClickAsync();
            await Expect(look.GetByText("This is the last good backup of shop")).ToBeVisibleAsync();
            await Expect(look.GetByRole(AriaRole.Dialog).GetByText("2,000")).ToBeVisibleAsync();
            await ShowAsync(look, $"purge-{name}");
            await AccessibleAsync(look, $"purge {name}");
            await look.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        }

        // The damaged one goes, the good one comes back.
        await GoAsync(page, "/databases/shop/backups?deleted=true");
        var trash = page.GetByRole(AriaRole.Table, new() { Name = "Recently deleted backups" }).Locator("tbody tr");
        await trash.Filter(new() { HasText = "Damaged" }).GetByRole(AriaRole.Button, new() { NameRegex = new("^Remove for good") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText("Damaged").First).ToBeVisibleAsync();
        await page.GetByLabel("Name of the database").FillAsync("shop");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove for good" }).ClickAsync();
        await Expect(trash).ToHaveCountAsync(1);
        await trash.GetByRole(AriaRole.Button, new() { NameRegex = new("^Bring back") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Backups", Exact = true }).Locator("tbody tr")).ToHaveCountAsync(1);
        ConsoleIsClean();
    }

    private async Task<IPage> AddAsync()
    {
        var file = NewDatabase(
            "shop.db",
            """
            CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO orders SELECT i, hex(randomblob(100)) FROM n;
            """,
            journal: "delete");
        var page = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file));
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByText("Backed up and checked").First).ToBeVisibleAsync();
        return page;
    }

    /// <summary>In the middle of the table's own pages.</summary>
    private static void Damage(string file)
    {
        var page = Count(file, "SELECT rootpage FROM sqlite_schema WHERE name = 'orders'") + 3;
        SqliteConnection.ClearAllPools();
        using var stream = File.OpenWrite(file);
        stream.Position = page * 4096;
        stream.Write(new byte[200]);
    }

    private static void Flip(string file)
    {
        using var stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = stream.Length / 2;
        var value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(value ^ 0xFF));
    }
}
