using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class FirstRunJourney : Journey
{
    [Fact]
    public async Task The_first_run_is_not_empty()
    {
        var page = await OpenAsync();

        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "this dashboard's own store" })).ToContainTextAsync("checked");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "sample-archive" })).ToContainTextAsync("Sample");

        await ShowAsync(page, "first-run-light");
        await AccessibleAsync(page, "fleet");
        ConsoleIsClean();
    }
}
