using System.Net;
using System.Text.RegularExpressions;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

public sealed class HostingTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/css/app.css")]
    [InlineData("/css/theme.css")]
    [InlineData("/js/theme.js")]
    [InlineData("/js/keys.js")]
    [InlineData("/img/favicon.svg")]
    [InlineData("/lib/apexcharts/apexcharts.esm.js")]
    [InlineData("/lib/apexcharts/LICENSE")]
    [InlineData("/lib/mudblazor/MudBlazor.min.css")]
    [InlineData("/lib/mudblazor/MudBlazor.min.js")]
    [InlineData("/_framework/blazor.web.js")]
    [InlineData("/Layout/ReconnectBar.razor.js")]
    [InlineData("/Dashboard.Web.styles.css")]
    public async Task Serves_what_a_page_asks_for(string path)
    {
        var body = await app.Client().GetByteArrayAsync(new Uri(path, UriKind.Relative), Stop);

        Assert.True(body.Length > 50, $"{path} has {body.Length} bytes");
    }

    [Fact]
    public async Task Compresses_every_script_and_stylesheet_that_a_page_names()
    {
        var html = await app.Client().GetStringAsync(new Uri("/", UriKind.Relative), Stop);
        var addresses = Regex.Matches(html, "(?:src|href)=\"([^\"]+\\.(?:js|css))\"").Select(match => match.Groups[1].Value).ToList();

        Assert.Contains(addresses, address => address.Contains("MudBlazor", StringComparison.Ordinal));
        foreach (var address in addresses)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/" + address.TrimStart('/'));
            request.Headers.Add("Accept-Encoding", "gzip");
            using var response = await app.Client().SendAsync(request, Stop);
            Assert.True(response.Content.Headers.ContentEncoding.Contains("gzip"), $"{address} is sent as it is");
        }
    }

    [Fact]
    public async Task Serves_the_chart_library_whose_licence_is_MIT()
    {
        var licence = await app.Client().GetStringAsync(new Uri("/lib/apexcharts/LICENSE", UriKind.Relative), Stop);

        Assert.Contains("MIT", licence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renders_the_fleet_before_the_browser_has_run_a_script()
    {
        var html = await app.Client().GetStringAsync(new Uri("/", UriKind.Relative), Stop);

        Assert.Contains("sample-archive", html, StringComparison.Ordinal);
        Assert.Contains("this dashboard&#x27;s own store", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_let_the_first_paint_of_the_fleet_wait_for_a_chart()
    {
        var html = await app.Client().GetStringAsync(new Uri("/", UriKind.Relative), Stop);

        Assert.Contains("Total size of all databases", html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-summary", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renders_the_theme_of_the_cookie()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", "theme=dark");

        using var response = await app.Client().SendAsync(request, Stop);

        Assert.Contains("data-theme=\"dark\"", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_nothing_at_an_unknown_address()
    {
        using var response = await app.Client().GetAsync(new Uri("/no-such-page", UriKind.Relative), Stop);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is nothing here", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_foreign_name_and_a_foreign_page()
    {
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "http://evil.example/");
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/_blazor/negotiate");
        foreign.Headers.Add("Origin", "http://evil.example");

        using var first = await app.Client().SendAsync(rebound, Stop);
        using var second = await app.Client().SendAsync(foreign, Stop);

        Assert.Equal(HttpStatusCode.Forbidden, first.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost:5080", "", true)]
    [InlineData("::1", "[::1]:5080", "", true)]
    [InlineData("127.0.0.1", "dashboard.localhost", "", true)]
    [InlineData("127.0.0.1", "localhost:5080", "http://localhost:5080", true)]
    [InlineData("127.0.0.1", "localhost:5080", "http://localhost:3000", false)]
    [InlineData("127.0.0.1", "localhost:5080", "null", false)]
    [InlineData("192.168.1.7", "localhost:5080", "", false)]
    [InlineData("::ffff:10.0.0.1", "localhost:5080", "", false)]
    [InlineData("127.0.0.1", "192.168.1.7:5080", "", false)]
    [InlineData("127.0.0.1", "localhost.evil.example", "", false)]
    [InlineData("127.0.0.1", "", "", false)]
    public void Lets_in_only_this_machine(string caller, string host, string origin, bool letIn) =>
        Assert.Equal(letIn, LocalAddressesOnly.Refusal(IPAddress.Parse(caller), new HostString(host), origin, "http") is null);

    [Fact]
    public async Task Sends_headers_that_keep_foreign_code_out()
    {
        using var response = await app.Client().GetAsync(new Uri("/", UriKind.Relative), Stop);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_the_first_backup_by_itself_and_streams_it()
    {
        var backup = await FirstBackupAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Urls.ForDownload(backup.Id));
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(0, 3);

        using var whole = await app.Client().GetAsync(new Uri(Urls.ForDownload(backup.Id), UriKind.Relative), Stop);
        using var part = await app.Client().SendAsync(request, Stop);

        Assert.Equal(backup.SizeBytes, (await whole.Content.ReadAsByteArrayAsync(Stop)).LongLength);
        Assert.Equal(backup.FileName, whole.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.True(backup.IsGood);
        Assert.Equal(CheckLevel.Compared, backup.Level);
    }

    [Fact]
    public async Task Answers_a_download_of_nothing_with_not_found()
    {
        using var response = await app.Client().GetAsync(new Uri(Urls.ForDownload(Guid.NewGuid()), UriKind.Relative), Stop);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<Backup> FirstBackupAsync()
    {
        using var _ = app.Client();
        var own = (await app.Services.GetRequiredService<ReadFleet>().ListAsync(Actor.LocalAdministrator, Stop)).Single(row => row.Database.IsOwnStore);
        await foreach (var snapshot in app.Services.GetRequiredService<JobFeed>().WatchAsync(TimeSpan.FromMilliseconds(20), Stop))
        {
            var (backups, _) = await app.Services.GetRequiredService<ReadBackups>().ListAsync(Actor.LocalAdministrator, own.Database.Id, deleted: false, 0, 10, Stop);
            if (backups.Count > 0)
            {
                return backups[0].Backup;
            }
        }

        throw new InvalidOperationException("The feed ended.");
    }
}
