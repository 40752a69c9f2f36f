using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>A backup that is lost changes every open page at once, and a cure clears it at once.</summary>
public sealed class GoodBackupJourney : Journey
{
    [Fact]
    public async Task A_lost_backup_is_seen_in_every_tab_and_forgotten_when_it_is_cured()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders VALUES (1, 'pen'), (2, 'ink');");
        var overview = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file));
        await overview.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(overview).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/databases/shop"));
        var fleet = await OpenAsync("/");
        var sentence = overview.Locator("[data-sentence]");
        var line = fleet.GetByRole(AriaRole.Row).Filter(new() { Has = fleet.GetByRole(AriaRole.Link, new() { Name = "shop", Exact = true }) });
        await Expect(sentence).ToContainTextAsync("Backed up and checked");
        var folder = Path.Combine(Server.DataFolder, "backups", "shop");
        var first = Assert.Single(Backups(folder));
        await overview.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        var backups = await OpenAsync("/databases/shop/backups");
        await Expect(backups.GetByRole(AriaRole.Table, new() { Name = "Backups" }).Locator("tbody tr")).ToHaveCountAsync(2);
        var second = Assert.Single(Backups(folder).Except([first]));

        // Somebody removes one; nobody touches a page.
        File.Move(first, first + ".elsewhere");
        await Expect(sentence).ToContainTextAsync("Newest good backup");
        await Expect(sentence).ToContainTextAsync("; 1 missing.");
        await Expect(line.Locator("[data-backups]")).ToHaveTextAsync("1 missing");
        await Expect(fleet.Locator("[data-verdict]")).ToContainTextAsync("1 missing");
        await AccessibleAsync(fleet, "A fleet with a lost backup");
        await ShowAsync(fleet, "backup-missing-fleet");

        // The other one rots; a check finds it.
        var bytes = await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken);
        bytes[^9] ^= 0xFF;
        await File.WriteAllBytesAsync(second, bytes, TestContext.Current.CancellationToken);
        await backups.GetByRole(AriaRole.Button, new() { NameRegex = new("^Check the backup of shop .* again") }).First.ClickAsync();
        await Expect(sentence).ToContainTextAsync("No good backup is left: 1 damaged, 1 missing.");
        await Expect(line.GetByText("Critical")).ToBeVisibleAsync();
        await Expect(line).ToContainTextAsync("none that is good");
        await Expect(backups.Locator("tbody .status.bad")).ToHaveTextAsync(["Damaged", "Missing"]);
        await AccessibleAsync(backups, "The backups, none of which is good");
        await ShowAsync(backups, "backup-missing-list");

        // The file comes back: one is good, and what a check found stays said.
        File.Move(first + ".elsewhere", first);
        await Expect(sentence).ToContainTextAsync("; 1 damaged.");

        // A later backup is the cure of all.
        await overview.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(sentence).ToContainTextAsync("Backed up and checked");
        await Expect(line.Locator("[data-backups]")).ToHaveTextAsync("checked");
        await Expect(line.GetByText("Healthy")).ToBeVisibleAsync();
        ConsoleIsClean();
    }

    private static List<string> Backups(string folder) => [.. Directory.EnumerateFiles(folder, "*.zst")];
}
