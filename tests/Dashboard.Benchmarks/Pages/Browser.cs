using Microsoft.Playwright;

namespace Dashboard.Benchmarks.Pages;

/// <summary>A real Chromium whose pages carry tab.js.</summary>
internal sealed class Browser(IPlaywright playwright, IBrowser chromium) : IAsyncDisposable
{
    public static async Task<Browser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        }));
    }

    /// <summary>A browser that was let in and has never been here: its own cookies and cache.</summary>
    public async Task<IBrowserContext> NewcomerAsync(ServedApp app)
    {
        var context = await PlainNewcomerAsync();
        await app.WayIn.LetInAsync(context, app.Address);
        await context.AddInitScriptAsync(scriptPath: Path.Combine(AppContext.BaseDirectory, "Pages", "tab.js"));
        return context;
    }

    /// <summary>The same without tab.js, which notes each message and change and so grows itself.</summary>
    public Task<IBrowserContext> PlainNewcomerAsync() => chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });

    /// <summary>Opens an address in a new tab and returns when a click would reach the server.</summary>
    public static async Task<IPage> OpenAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.Locator("html[data-alive]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return page;
    }

    /// <summary>Leaves the page first, as a person does: the server hears of it and lets go of the tab at once.</summary>
    public static async Task CloseAsync(IBrowserContext context)
    {
        foreach (var page in context.Pages)
        {
            await page.GotoAsync("about:blank");
        }

        await context.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await chromium.DisposeAsync();
        playwright.Dispose();
    }
}
