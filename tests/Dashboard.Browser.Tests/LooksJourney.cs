using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>Every page in both themes, wide and on a phone: axe finds nothing, nothing runs out of the window, nothing complains.</summary>
public sealed class LooksJourney : Journey
{
    private static readonly (string Name, string Path)[] Places =
    [
        ("fleet", "/"),
        ("add", "/databases/add"),
        ("fleet-by-size", "/?sort=size&status=attention&range=30d"),
        ("overview", "/databases/dashboard"),
        ("overview-of-the-sample", "/databases/sample-archive?range=90d"),
        ("backups-of", "/databases/dashboard/backups"),
        ("activity-of", "/databases/dashboard/activity"),
        ("settings-of", "/databases/sample-archive/settings"),
        ("backups", "/backups"),
        ("activity", "/activity"),
        ("settings", "/settings"),
        ("not-found", "/databases/nothing-here"),
    ];

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_can_be_used_by_everybody(ColorScheme scheme, int width)
    {
        var page = await OpenAsync("/", scheme, width, width < 700 ? 844 : 900);
        await Expect(page.GetByText("checked").First).ToBeVisibleAsync();
        foreach (var (name, path) in Places)
        {
            await GoAsync(page, path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await ShowAsync(page, $"{name}-{scheme.ToString().ToLowerInvariant()}-{width}");
            await AccessibleAsync(page, $"{name} {scheme} {width}");
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is wider than {width} pixels");
        }

        ConsoleIsClean();
    }

    [Fact]
    public async Task A_dark_browser_never_sees_a_light_page()
    {
        var page = await OpenAsync("/", ColorScheme.Dark);
        await page.Context.RouteAsync("**/blazor.web*.js", route => route.AbortAsync());
        await page.ReloadAsync();

        var colours = await page.EvaluateAsync<string[]>("() => ['body', '.mud-appbar', '.mud-drawer', '.table-wrap'].map(s => getComputedStyle(document.querySelector(s)).backgroundColor)");

        Assert.All(colours, colour => Assert.True(Brightness(colour) < 60, colour));
    }

    [Fact]
    public async Task A_chosen_theme_stays()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();

        await page.ReloadAsync();

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    [Fact]
    public async Task The_palette_finds_databases_and_actions_from_the_keyboard()
    {
        var page = await OpenAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox)).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("b sample");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "Back up sample-archive" })).ToBeVisibleAsync();
        await ShowAsync(page, "palette");
        await AccessibleAsync(page, "palette");

        await page.Keyboard.PressAsync("Enter");

        await GoAsync(page, "/databases/sample-archive/backups");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Backups" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("a");
        await Expect(page).ToHaveURLAsync(Server.Address + "/activity");
        ConsoleIsClean();
    }

    private static double Brightness(string colour) =>
        System.Text.RegularExpressions.Regex.Matches(colour, "[0-9.]+").Take(3).Average(part => double.Parse(part.Value, System.Globalization.CultureInfo.InvariantCulture));
}
