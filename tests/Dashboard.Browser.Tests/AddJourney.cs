using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class AddJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_file_is_added_with_the_keyboard_and_its_first_backup_is_seen_from_two_browsers()
    {
        var file = HeavyDatabase("shop.db", megabytes: 150);
        var page = await OpenAsync("/databases/add");

        await Expect(page.GetByLabel("Path of the database file")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(file);
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("shop");
        await ShowAsync(page, "add-found");
        await AccessibleAsync(page, "add");

        var other = await OpenAsync("/activity");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/databases/shop"));
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();
        await Expect(other.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();
        await ShowAsync(page, "backup-running");
        await ShowAsync(other, "backup-running-elsewhere");
        await AccessibleAsync(other, "activity with a running backup");

        await Expect(page.GetByText("checked: 2 tables")).ToBeVisibleAsync();
        await Expect(other.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
        await Expect(page.GetByText("Healthy")).ToBeVisibleAsync();
        Assert.Single(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop"), "shop_backup_*.sqlite.zst"));
        Assert.Single(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop"), "shop_backup_*.json"));
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_bad_path_gets_a_sentence_that_says_what_to_do_and_nothing_is_added()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "notes.txt"), "these are my notes", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "empty.db"), [], TestContext.Current.CancellationToken);
        var good = NewDatabase("good.db", "CREATE TABLE t(x)");
        var damaged = NewDatabase("damaged.db", "CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(50000));", "delete");
        await using (var stream = File.OpenWrite(damaged))
        {
            stream.SetLength(stream.Length / 2);
        }

        var page = await OpenAsync("/databases/add");
        var location = page.GetByLabel("Path of the database file");

        await SaysAsync("shop.db", "full path");
        await SaysAsync(Path.Combine(Folder, "nowhere", "shop.db"), "nowhere");
        await SaysAsync(Folder, "folder");
        await SaysAsync(Path.Combine(Folder, "notes.txt"), "SQLite");
        await SaysAsync(damaged, "damaged");
        await ShowAsync(page, "add-damaged");
        await AccessibleAsync(page, "add with a damaged file");
        await SaysAsync(good + "-wal", "log");
        await SaysAsync(Path.Combine(Server.DataFolder, "dashboard.db"), "registered already");
        Assert.Equal(1, Count(Server.StoreFile, "SELECT COUNT(*) FROM databases"));
        ConsoleIsClean();

        async Task SaysAsync(string path, string words)
        {
            await location.FillAsync(path);
            await Expect(page.Locator(".headline")).ToContainTextAsync(words, new() { IgnoreCase = true });
            await location.PressAsync("Enter");
            await Expect(page).ToHaveURLAsync(Server.Address + "/databases/add");
        }
    }

    [Fact]
    public async Task A_name_from_another_world_is_only_a_name()
    {
        var file = NewDatabase("-h' \"%s ?#🚀;DROP.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1);");
        var page = await OpenAsync("/databases/add");

        await page.GetByLabel("Path of the database file").FillAsync(file);
        await page.GetByLabel("Name").FillAsync("<img src=x onerror=alert(1)> 🚀");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "<img src=x onerror=alert(1)> 🚀" })).ToBeVisibleAsync();
        await Expect(page.GetByText("checked: 1 table")).ToBeVisibleAsync();
        ConsoleIsClean();
    }
}
