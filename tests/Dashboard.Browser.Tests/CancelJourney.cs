using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>Phases that can't be stopped say so in words on the page, for each kind of run; no grey button keeps its reason in a tooltip.</summary>
public sealed class CancelJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_maintenance_that_cannot_be_stopped_says_so_on_every_page_and_promises_no_undo()
    {
        var file = NewDatabase("shop.db", "PRAGMA journal_mode = WAL; CREATE TABLE orders(id INTEGER PRIMARY KEY); INSERT INTO orders DEFAULT VALUES;");
        var page = await AddAsync(file);
        var phone = await OpenAsync("/databases/shop/maintenance", ColorScheme.Dark, width: 390, height: 844);
        await Expect(phone.GetByRole(AriaRole.Button, new() { Name = "Run now: Empty the log", Exact = true })).ToBeVisibleAsync();
        await GoAsync(page, "/databases/shop/maintenance");

        // Somebody reads what is in the log, so it can't be emptied until they let go, or the task gives up after two seconds.
        await using var reader = new SqliteConnection($"Data Source={file};Pooling=False");
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        Run(reader, "BEGIN; SELECT count(*) FROM orders;");
        Execute(file, "INSERT INTO orders DEFAULT VALUES");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run now: Empty the log", Exact = true }).ClickAsync();

        foreach (var shown in new[] { page, phone })
        {
            var said = shown.Locator("[data-cannot-stop]").First;
            await Expect(said).ToBeVisibleAsync();
            await Expect(said).ToContainTextAsync("can't be stopped. It changes no rows, and can't be undone.");
            await Expect(shown.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToHaveCountAsync(0);
        }

        await ShowAsync(phone, "cannot-stop-phone");
        Run(reader, "COMMIT");
        await Expect(page.Locator("[data-cannot-stop]")).ToHaveCountAsync(0);
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_restore_that_cannot_be_stopped_says_that_it_can_be_undone()
    {
        var file = HeavyDatabase("shop.db", megabytes: 200);
        var page = await AddAsync(file);
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Back up now" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Back up now" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await GoAsync(page, "/databases/shop/backups");
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Restore the backup") }).ClickAsync();
        await page.Locator("[data-restore]").ClickAsync();

        await Expect(page.Locator("[data-cannot-stop]").First).ToContainTextAsync("can't be stopped. You can undo the restore when it has finished.", new() { Timeout = 60_000 });
        await ShowAsync(page, "cannot-stop-restore");
        ConsoleIsClean();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<IPage> AddAsync(string file)
    {
        var page = await OpenAsync();
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByLabel("Take the first backup now").SetCheckedAsync(false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        return page;
    }
}
