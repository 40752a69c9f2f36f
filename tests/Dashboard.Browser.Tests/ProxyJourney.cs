using System.Net;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>Without a sign-in the dashboard opens by its link, and to nobody through a proxy of the same machine.</summary>
public sealed class ProxyJourney : Journey
{
    /// <summary>What a stranger would ask for: pages, the circuit, exports, a download, an upload, files.</summary>
    private static readonly (HttpMethod Method, string Path)[] Doors =
    [
        (HttpMethod.Get, "/"),
        (HttpMethod.Get, "/settings"),
        (HttpMethod.Get, "/databases/sample-archive/backups"),
        (HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1"),
        (HttpMethod.Get, "/_blazor"),
        (HttpMethod.Get, "/api/health"),
        (HttpMethod.Get, "/api/databases/sample-archive/tables?format=csv"),
        (HttpMethod.Get, "/api/backups/11111111-1111-1111-1111-111111111111/download"),
        (HttpMethod.Post, "/api/databases/sample-archive/foreign"),
        (HttpMethod.Get, "/css/app.css"),
        (HttpMethod.Get, "/health"),
        (HttpMethod.Get, "/HEALTH/LIVE/"),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_is_let_in_by_the_link_and_stays_let_in()
    {
        var page = await StrangerAsync();
        await page.GotoAsync(Server.Address + "/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Open the dashboard with its link" })).ToBeVisibleAsync();
        await AccessibleAsync(page, "not let in yet");
        await ShowAsync(page, "open-with-link");

        await page.GotoAsync(Server.Address + "/open#" + new string('A', 22));
        await Expect(page.GetByText("This link is not of the present start.")).ToBeVisibleAsync();

        Assert.StartsWith(Server.Address + "/open#", Server.OpenLink, StringComparison.Ordinal);
        Assert.Equal(Server.OpenLink, (await File.ReadAllTextAsync(Path.Combine(Server.DataFolder, "open-link"), Stop)).Trim());
        await page.GotoAsync(Server.OpenLink);
        await AliveAsync(page);
        await Expect(page).ToHaveURLAsync(Server.Address + "/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Fleet" })).ToBeVisibleAsync();
        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == Server.Cookie.Name);
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);

        // The plain address is enough now, also after the next start; its link is a new one.
        var link = Server.OpenLink;
        await Server.StopAsync();
        Assert.False(File.Exists(Path.Combine(Server.DataFolder, "open-link")));
        await Server.StartAsync();
        Assert.NotEqual(link, Server.OpenLink);
        await page.GotoAsync(Server.Address + "/settings");
        await AliveAsync(page);
        await page.GotoAsync(link);
        await AliveAsync(page);
    }

    [Fact]
    public async Task Behind_nginx_with_its_defaults_nobody_is_let_in()
    {
        await using var nginx = await Proxy.NginxAsync(Folder, Server.Address);
        await NothingOpensAsync(nginx.Address, null);

        // Who watches the process may do so through it.
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(nginx.Address + "/health/live", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(nginx.Address + "/health/ready", Stop)).StatusCode);

        // A person sees why. The link itself is of no use there: the page is one of another origin.
        var page = await StrangerAsync();
        await page.GotoAsync(nginx.Address + "/");
        await Expect(page.GetByText("This dashboard has no sign-in yet.")).ToBeVisibleAsync();
        await page.GotoAsync(nginx.Address + "/open#" + Server.Token);
        await Expect(page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        Assert.Empty(await page.Context.CookiesAsync());
    }

    [Fact]
    public async Task Behind_Caddy_with_its_defaults_nobody_is_let_in_and_the_proxy_is_named()
    {
        await using var caddy = await Proxy.CaddyAsync(Folder, Server.Address);
        await NothingOpensAsync(caddy.Address, "This request came through a proxy (X-Forwarded-");

        // Not even with the cookie of somebody who was let in.
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("Cookie", $"{Server.Cookie.Name}={Server.Cookie.Value}");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Server.Address + "/settings", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(caddy.Address + "/settings", Stop)).StatusCode);
    }

    private static async Task NothingOpensAsync(string address, string? reason)
    {
        using var client = new HttpClient();
        foreach (var (method, path) in Doors)
        {
            using var request = new HttpRequestMessage(method, address + path);
            request.Headers.Add("Accept", "text/html,*/*");
            using var answer = await client.SendAsync(request, Stop);
            var words = await answer.Content.ReadAsStringAsync(Stop);
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{method} {path}: {answer.StatusCode}");
            Assert.DoesNotContain("sample-archive", words, StringComparison.Ordinal);
            Assert.Contains(reason ?? "This dashboard has no sign-in yet.", words, StringComparison.Ordinal);
        }
    }
}
