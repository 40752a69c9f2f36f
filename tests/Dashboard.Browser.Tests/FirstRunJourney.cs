using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class FirstRunJourney : Journey
{
    [Fact]
    public async Task A_newcomer_finds_a_backup_tries_everything_on_the_sample_and_removes_it()
    {
        var page = await OpenAsync();

        await Expect(Row(page, "this dashboard's own store")).ToContainTextAsync("checked");
        await Expect(Row(page, "sample-archive")).ToContainTextAsync("Sample");
        await ShowAsync(page, "first-run");
        await AccessibleAsync(page, "fleet at the first run");

        await Row(page, "Sample").GetByRole(AriaRole.Link, new() { Name = "sample-archive", Exact = true }).ClickAsync();
        await Step(page, "backup").GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Step(page, "break").GetByRole(AriaRole.Button, new() { Name = "Break it" }).ClickAsync();
        await ShowAsync(page, "sample-broken");
        await AccessibleAsync(page, "sample");

        await Step(page, "restore").GetByRole(AriaRole.Link, new() { Name = "See the plan" }).ClickAsync();
        await Expect(page.Locator("[data-loss]")).ToContainTextAsync("come back");
        await ShowAsync(page, "sample-plan");
        await AccessibleAsync(page, "plan of the sample");
        await page.Locator("[data-restore]").ClickAsync();
        await Expect(page.GetByText("It can be undone.").First).ToBeVisibleAsync();

        await GoAsync(page, "/databases/sample-archive");
        await Step(page, "undo").GetByRole(AriaRole.Button, new() { Name = "Undo", Exact = true }).ClickAsync();
        await Expect(page.GetByText("That is all of it.")).ToBeVisibleAsync();
        await ShowAsync(page, "sample-undone");

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove sample" }).First.ClickAsync();
        await Expect(page).ToHaveURLAsync(Server.Address + "/");
        await Expect(Row(page, "Sample")).ToHaveCountAsync(0);
        Assert.False(File.Exists(Path.Combine(Server.DataFolder, "sample", "sample-archive.db")));
        ConsoleIsClean();
    }

    private static ILocator Row(IPage page, string text) => page.GetByRole(AriaRole.Table, new() { Name = "Databases" }).GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    private static ILocator Step(IPage page, string step) => page.Locator($"[data-step={step}]");
}

public sealed class NoSampleJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_setting_leaves_the_sample_out()
    {
        var page = await OpenAsync();

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Databases" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        Assert.False(Directory.Exists(Path.Combine(Server.DataFolder, "sample")));
    }
}
