using System.Globalization;
using System.Text.RegularExpressions;
using Dashboard.Core.Databases;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>What a person reads off a chart, and that it is so.</summary>
public sealed class ChartsJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("MetricsSeconds", "5")];

    [Fact]
    public async Task The_last_point_is_the_size_of_the_file()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE files(body BLOB); INSERT INTO files VALUES (zeroblob(100000));", "delete");
        var page = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        await GoAsync(page, "/databases/shop?range=1h");
        var chart = page.GetByRole(AriaRole.Figure, new() { Name = "Size of shop" });
        await Expect(chart.Locator(".apexcharts-series path").First).ToBeVisibleAsync();

        Execute(file, "INSERT INTO files VALUES (zeroblob(4000000));");

        var size = new FileInfo(file).Length;
        await Expect(chart.Locator(".canvas")).ToHaveAttributeAsync("data-last", size.ToString(CultureInfo.InvariantCulture), new() { Timeout = 5_000 });
        await Expect(page.Locator("[data-fact=file]")).ToContainTextAsync(Words.Bytes(size), new() { Timeout = 5_000 });

        // What is drawn, as its axis and the tooltip at its right end read.
        await Expect(chart.Locator(".apexcharts-yaxis-label").First).ToContainTextAsync("4 MiB");
        await HoverEndAsync(chart);
        await Expect(chart.Locator(".apexcharts-tooltip-text-y-value").Last).ToHaveTextAsync(new Regex(@"^3\.9\d? MiB$"));
        await ShowAsync(page, "chart-live");
        ConsoleIsClean();
    }

    [Fact]
    public async Task It_holds_still_while_it_is_read_and_is_right_afterwards()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE files(body BLOB); INSERT INTO files VALUES (zeroblob(1000000));", "delete");
        var page = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await GoAsync(page, "/databases/shop?range=1h");
        var chart = page.GetByRole(AriaRole.Figure, new() { Name = "Size of shop" });
        await Expect(chart.Locator(".apexcharts-series path").First).ToBeVisibleAsync();
        await HoverEndAsync(chart);
        await Expect(chart.Locator(".apexcharts-tooltip.apexcharts-active")).ToBeVisibleAsync();
        var before = await chart.Locator(".apexcharts-series path").First.GetAttributeAsync("d");

        Execute(file, "INSERT INTO files VALUES (zeroblob(4000000));");
        await Expect(page.Locator("[data-fact=file]")).ToContainTextAsync("4.", new() { Timeout = 5_000 });

        await Expect(chart.Locator(".apexcharts-tooltip.apexcharts-active")).ToBeVisibleAsync();
        Assert.Equal(before, await chart.Locator(".apexcharts-series path").First.GetAttributeAsync("d"));
        await page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true }).HoverAsync();
        await Expect(chart.Locator(".apexcharts-series path").First).Not.ToHaveAttributeAsync("d", before!);
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_zoom_has_an_address_that_another_browser_opens()
    {
        var page = await OpenAsync("/databases/sample-archive?range=90d");
        var chart = page.GetByRole(AriaRole.Figure, new() { Name = "Size of sample-archive" });
        await Expect(chart.Locator("[data-summary]")).ToContainTextAsync("On disk: from");
        await Expect(chart.Locator(".apexcharts-series path").First).ToBeVisibleAsync();
        var whole = await chart.Locator("[data-summary]").TextContentAsync();
        await ShowAsync(page, "chart-90-days");
        await AccessibleAsync(page, "overview with charts");

        await DragAsync(page, chart, 0.4, 0.7);
        await Expect(page).ToHaveURLAsync(new Regex("from=.*&to="));
        await Expect(chart.Locator("[data-summary]")).Not.ToHaveTextAsync(whole!);
        await ShowAsync(page, "chart-zoomed");
        var summary = await chart.Locator("[data-summary]").TextContentAsync();

        var other = await OpenAsync(new Uri(page.Url).PathAndQuery);
        await Expect(other.GetByRole(AriaRole.Figure, new() { Name = "Size of sample-archive" }).Locator("[data-summary]")).ToHaveTextAsync(summary!);

        await page.GetByRole(AriaRole.Button, new() { Name = "Back", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(@"range=90d$"));
        await Expect(chart.Locator("[data-summary]")).ToContainTextAsync(whole![..20]);
        ConsoleIsClean();
    }

    [Fact]
    public async Task The_span_is_chosen_without_a_pointer()
    {
        var page = await OpenAsync("/databases/sample-archive");
        await page.GetByRole(AriaRole.Button, new() { Name = "From … to …" }).ClickAsync();
        await page.GetByLabel("From", new() { Exact = true }).FillAsync("2026-01-01T00:00");
        await page.GetByLabel("to", new() { Exact = true }).FillAsync("2026-01-01T00:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(page.GetByText("The end must come")).ToBeVisibleAsync();
        await AccessibleAsync(page, "span of time");

        await page.GetByLabel("to", new() { Exact = true }).FillAsync("2026-01-02T00:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("from=2025-12-31T23%3A00%3A00Z&to=2026-01-01T23%3A00%3A00Z"));
        await Expect(page.GetByText("Nothing was measured in this span of time.").First).ToBeVisibleAsync();
        await ShowAsync(page, "chart-nothing");
        await AccessibleAsync(page, "chart of nothing");

        await page.GetByRole(AriaRole.Link, new() { Name = "30 d" }).ClickAsync();
        await page.GetByText("Show the numbers").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Numbers of Size of sample-archive" }).GetByRole(AriaRole.Row).Nth(20)).ToBeAttachedAsync();
        await AccessibleAsync(page, "numbers of a chart");
        ConsoleIsClean();
    }

    [Fact]
    public async Task The_theme_changes_under_an_open_chart_without_the_server()
    {
        var page = await OpenAsync("/databases/sample-archive?range=30d");
        var label = page.Locator(".apexcharts-yaxis-label").First;
        await Expect(label).ToBeVisibleAsync();
        var light = await label.EvaluateAsync<string>("it => getComputedStyle(it).fill");

        var listening = await ListeningAsync();

        await page.EvaluateAsync("() => Blazor.pauseCircuit()");
        await page.EvaluateAsync("() => document.querySelector('[data-theme-toggle]').click()");

        await Expect(label).Not.ToHaveCSSAsync("fill", light);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        Assert.NotEmpty(listening);
        Assert.Empty((await ListeningAsync()).Intersect(listening));
        await Expect(page.Locator(".apexcharts-series path").First).ToBeVisibleAsync();
        await ShowAsync(page, "chart-dark");
        ConsoleIsClean();

        // What is told of each change of the window's size, a picture of the whole page included.
        Task<string[]> ListeningAsync() => page.EvaluateAsync<string[]>("() => Object.keys(mudResizeListenerFactory.mapping)");
    }

    [Fact]
    public async Task A_phone_shows_it_at_full_width()
    {
        var page = await OpenAsync("/databases/sample-archive?range=7d", width: 390, height: 844);
        await Expect(page.Locator(".apexcharts-series path").First).ToBeVisibleAsync();
        await ShowAsync(page, "chart-phone");
        await AccessibleAsync(page, "charts on a phone");
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"));
        var width = await page.EvaluateAsync<double>("() => document.querySelector('.apexcharts-canvas').getBoundingClientRect().width");
        Assert.InRange(width, 300, 390);
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_hidden_tab_is_not_sent_what_nobody_sees()
    {
        var file = NewDatabase("shop.db", "CREATE TABLE files(body BLOB);", "delete");
        var page = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file));
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Healthy")).ToBeVisibleAsync();

        await HideAsync(page, isHidden: true);
        Execute(file, "INSERT INTO files VALUES (zeroblob(4000000));");
        var shown = await page.Locator("[data-fact=file]").TextContentAsync();
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.Equal(shown, await page.Locator("[data-fact=file]").TextContentAsync());

        await HideAsync(page, isHidden: false);
        await Expect(page.Locator("[data-fact=file]")).ToContainTextAsync(Words.Bytes(new FileInfo(file).Length), new() { Timeout = 5_000 });
        ConsoleIsClean();
    }

    /// <summary>A browser without a window hides no tab, so the page is told what a browser would tell it.</summary>
    private static async Task HideAsync(IPage page, bool isHidden) => await page.EvaluateAsync(
        """
        hidden => {
            Object.defineProperty(document, "visibilityState", { configurable: true, get: () => hidden ? "hidden" : "visible" });
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }
        """,
        isHidden);

    private static async Task HoverEndAsync(ILocator chart)
    {
        await chart.ScrollIntoViewIfNeededAsync();
        var box = await chart.Locator(".apexcharts-grid").BoundingBoxAsync() ?? throw new InvalidOperationException("The chart has no place on the page.");
        await chart.Page.Mouse.MoveAsync((float)(box.X + box.Width - 20), (float)(box.Y + box.Height / 2));
        await chart.Page.Mouse.MoveAsync((float)(box.X + box.Width - 0.5), (float)(box.Y + box.Height / 2));
    }

    private static async Task DragAsync(IPage page, ILocator chart, double from, double to)
    {
        await chart.ScrollIntoViewIfNeededAsync();
        var box = await chart.Locator(".apexcharts-grid").BoundingBoxAsync() ?? throw new InvalidOperationException("The chart has no place on the page.");
        var y = (float)(box.Y + box.Height / 2);
        await page.Mouse.MoveAsync((float)(box.X + box.Width * from), y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((float)(box.X + box.Width * to), y, new() { Steps = 8 });
        await page.Mouse.UpAsync();
    }
}
