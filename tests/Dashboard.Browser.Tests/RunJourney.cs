using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class RunJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_backup_is_cancelled_and_leaves_no_half_file()
    {
        var page = await AddHeavyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.GetByText("Cancelled by Local administrator")).ToBeVisibleAsync();
        await ShowAsync(page, "cancelled");
        Assert.Empty(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop")));
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_run_outlives_its_tab_and_has_an_address()
    {
        var page = await AddHeavyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();
        await page.CloseAsync();

        var other = await OpenAsync("/activity");
        await other.GetByRole(AriaRole.Link, new() { Name = "Back up shop" }).First.ClickAsync();
        await Expect(other.GetByText("Succeeded").First).ToBeVisibleAsync();
        await ShowAsync(other, "run");
        await AccessibleAsync(other, "run");

        var shared = await OpenAsync(new Uri(other.Url).AbsolutePath);
        await Expect(shared.GetByText("as in the snapshot").First).ToBeVisibleAsync();
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_page_whose_server_was_killed_comes_back_and_tells_what_became_of_the_run()
    {
        var page = await AddHeavyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();

        await Server.KillAsync();
        await Expect(page.GetByText("Runs go on without this page")).ToBeVisibleAsync();
        await ShowAsync(page, "connection-lost");
        await Server.StartAsync();

        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 40_000 });
        await GoAsync(page, "/databases/shop/activity");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Finished runs" })).ToContainTextAsync("Interrupted");
        await ShowAsync(page, "interrupted");
        await AccessibleAsync(page, "activity of a database");
        Assert.Empty(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop")));
    }

    [Fact]
    public async Task A_server_that_is_stopped_by_its_service_manager_lets_its_run_go_cleanly()
    {
        var page = await AddHeavyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();

        Assert.Equal(0, await Server.StopAsync());

        Assert.Empty(Directory.GetFiles(Path.Combine(Server.DataFolder, "backups", "shop")));
        Assert.Equal(0, Count(Server.StoreFile, "SELECT COUNT(*) FROM runs WHERE EndedAt IS NULL"));
        await Server.StartAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 40_000 });
        await GoAsync(page, "/databases/shop/activity");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Finished runs" })).ToContainTextAsync("Interrupted");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Finished runs" })).ToContainTextAsync("The dashboard was shut down while this ran");
    }

    [Fact]
    public async Task A_page_whose_connection_was_away_shows_the_run_as_it_is()
    {
        var page = await AddHeavyAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();

        await page.EvaluateAsync("() => Blazor.pauseCircuit()");
        var other = await OpenAsync("/databases/shop/backups");
        await Expect(other.GetByRole(AriaRole.Table, new() { Name = "Backups" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Back up now" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Healthy")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_daily_backup_is_switched_on_and_fires_in_an_open_browser()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE orders(id INTEGER PRIMARY KEY); INSERT INTO orders DEFAULT VALUES;");
        var page = await OpenAsync();
        await AddAsync(page, file, firstBackup: false);
        await Expect(page.GetByText("Next:")).ToBeVisibleAsync();
        await ShowAsync(page, "overview-no-backup");
        await AccessibleAsync(page, "overview");
        await GoAsync(page, "/databases/shop/backups");
        await Expect(page.GetByText("shop has no backup yet.")).ToBeVisibleAsync();

        // The clock of this machine can't be moved, so the due time is: what happens then is all the product's.
        Execute(Server.StoreFile, "UPDATE schedules SET NextAt = strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 minutes')");

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Backups" })).ToContainTextAsync("Schedule", new() { Timeout = 30_000 });
        Assert.Equal(1, Count(Server.StoreFile, "SELECT COUNT(*) FROM runs WHERE ScheduleId IS NOT NULL"));

        // The schedule moves on once its run is asked for, and a backup of one row may be done before that is written down.
        await MovedOnAsync().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        ConsoleIsClean();
    }

    private async Task MovedOnAsync()
    {
        while (Count(Server.StoreFile, "SELECT COUNT(*) FROM schedules WHERE NextAt > strftime('%Y-%m-%d %H:%M:%S', 'now')") != 1)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Numbers_follow_the_file_without_a_reload()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE files(body BLOB); INSERT INTO files VALUES (zeroblob(100000));", "delete");
        var page = await OpenAsync();
        await AddAsync(page, file, firstBackup: false);
        await Expect(page.GetByText("104 KiB").First).ToBeVisibleAsync();

        Execute(file, "INSERT INTO files VALUES (zeroblob(4000000));");

        await Expect(page.GetByText("3.9").First).ToBeVisibleAsync(new() { Timeout = 5_000 });
    }

    private async Task<IPage> AddHeavyAsync()
    {
        var file = HeavyDatabase("shop.db", megabytes: 200);
        var page = await OpenAsync();
        await AddAsync(page, file, firstBackup: false);
        return page;
    }

    private static async Task AddAsync(IPage page, string file, bool firstBackup)
    {
        await GoAsync(page, "/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByLabel("Take the first backup now").SetCheckedAsync(firstBackup);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
    }
}
