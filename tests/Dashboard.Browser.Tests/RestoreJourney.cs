using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class RestoreJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Broken_data_are_restored_and_the_restore_is_undone_while_others_write_and_read(string journal)
    {
        var file = Path.Combine(Folder, $"bank-{journal}.db");
        await Application.CreateAsync(file, journal, fillerRows: 20_000);
        await using var writer = await Application.WriteAsync(file, transactionsPerSecond: 50, Path.Combine(Folder, $"{journal}.log"));
        await using var reader = await Application.ReadAsync(file);

        var page = await OpenAsync();
        await AddAsync(page, file);
        await Expect(page.GetByText("as in the snapshot")).ToBeVisibleAsync();

        Execute(file, "CREATE TABLE wrong_migration(x); INSERT INTO wrong_migration VALUES (1);");
        await page.GetByRole(AriaRole.Link, new() { Name = "Backups", Exact = true }).Last.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Restore the backup") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "wrong_migration" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Dashboard.Workload").Or(page.GetByText("dotnet")).First).ToBeVisibleAsync();
        await ShowAsync(page, $"plan-{journal}");
        await AccessibleAsync(page, "plan");

        await page.Locator("[data-restore]").ClickAsync();
        await Expect(page.GetByText("It can be undone.").First).ToBeVisibleAsync();
        Assert.Equal(0, Count(file, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'wrong_migration'"));
        await ShowAsync(page, $"restored-{journal}");
        await AccessibleAsync(page, "restored");

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo the restore" }).ClickAsync();
        await Expect(page.GetByText("The content of before the restore is back").First).ToBeVisibleAsync();
        Assert.Equal(1, Count(file, "SELECT COUNT(*) FROM wrong_migration"));
        await ShowAsync(page, $"undone-{journal}");

        Assert.Equal(0, await writer.EndAsync());
        Assert.Equal(0, await reader.EndAsync());
        Assert.Equal(0, await Application.CheckAsync(file));
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_copy_is_restored_beside_and_the_inventory_keeps_its_word()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders(item) VALUES ('tea'), ('salt');");
        var page = await OpenAsync();
        await AddAsync(page, file);
        await Expect(page.GetByText("as in the snapshot")).ToBeVisibleAsync();
        await GoAsync(page, "/databases/shop/backups");

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("as a copy$") }).ClickAsync();
        await Expect(page.GetByText("was not touched.")).ToBeVisibleAsync();
        var copy = Assert.Single(Directory.GetFiles(Folder, "shop-restored-*.db"));
        Assert.Equal(2, Count(copy, "SELECT COUNT(*) FROM orders"));

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Check .* again$") }).ClickAsync();
        await Expect(page.GetByText("Read back, unpacked").First).ToBeVisibleAsync();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Download") }).ClickAsync());
        var stored = Assert.Single(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop"), "*.zst"));
        Assert.Equal(await File.ReadAllBytesAsync(stored, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken));

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete") }).ClickAsync();
        await Expect(page.Locator(".mud-dialog")).ToContainTextAsync("shop");
        await ShowAsync(page, "delete-last-good");
        await AccessibleAsync(page, "dialog of the last good backup");
        await page.Locator("#confirm-name").FillAsync("shop");
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button).Last.ClickAsync();
        await Expect(page.GetByText("shop has no backup yet.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Recently deleted (1)" }).ClickAsync();
        await ShowAsync(page, "recently-deleted");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Bring back") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Backups" })).ToBeVisibleAsync();
        ConsoleIsClean();
    }

    private static async Task AddAsync(IPage page, string file)
    {
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
    }
}
