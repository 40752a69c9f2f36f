using System.Net;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

public sealed class LocalPassTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_but_what_watches_the_process_is_open_to_a_stranger()
    {
        using var stranger = app.Stranger();
        var paths = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText ?? "", "\\{[^}]*\\}", "11111111-1111-1111-1111-111111111111").TrimStart('/'))
            .Distinct().Where(path => path.Length < 200).ToList();
        Assert.Contains("/_blazor/negotiate", paths);

        foreach (var path in paths)
        {
            using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), Stop);
            var isOpen = path is Urls.Live or Urls.Ready;
            Assert.True(isOpen == (answer.StatusCode != HttpStatusCode.Forbidden), $"{path}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.60;proto=http")]
    [InlineData("X-Forwarded-For", "192.0.2.60")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Forwarded-Host", "dash.example")]
    [InlineData("X-Forwarded-Server", "web")]
    [InlineData("X-Forwarded-Anything-New", "1")]
    [InlineData("X-Real-IP", "192.0.2.60")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("CF-Connecting-IP", "192.0.2.60")]
    [InlineData("True-Client-IP", "192.0.2.60")]
    public async Task A_request_that_came_through_a_proxy_is_refused_with_the_reason_whoever_sent_it(string header, string value)
    {
        using var client = app.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/health");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains($"came through a proxy ({header})", await answer.Content.ReadAsStringAsync(Stop), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_token_makes_a_cookie_and_nothing_else_does()
    {
        using var stranger = app.Stranger();
        var pass = app.Services.GetRequiredService<LocalPass>();
        foreach (var wrong in (string[])["", "x", pass.Token[1..], pass.Token + "A", pass.Token.ToUpperInvariant(), new string('A', 100_000)])
        {
            using var refused = await OpenAsync(stranger, wrong);
            Assert.Equal((HttpStatusCode.Forbidden, false), (refused.StatusCode, refused.Headers.Contains("Set-Cookie")));
        }

        using var opened = await OpenAsync(stranger, pass.Token);
        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(pass.Token, cookie, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(stranger, cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(stranger, cookie.Split(';')[0] + "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(stranger, $"{pass.CookieName}={pass.Token}"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(stranger, $"{pass.CookieName}="));
    }

    [Fact]
    public async Task The_cookie_of_another_dashboard_is_none()
    {
        await using var other = new DashboardApp();
        var theirs = other.Services.GetRequiredService<LocalPass>();
        using var stranger = app.Stranger();
        var pass = app.Services.GetRequiredService<LocalPass>();

        Assert.NotEqual(pass.CookieName, theirs.CookieName);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(stranger, $"{pass.CookieName}={theirs.Make()}"));
    }

    [Fact]
    public async Task A_token_that_a_foreign_page_sends_is_refused()
    {
        using var stranger = app.Stranger();
        using var request = new HttpRequestMessage(HttpMethod.Post, Urls.Open) { Content = new StringContent(app.Services.GetRequiredService<LocalPass>().Token) };
        request.Headers.Add("Origin", "http://dash.example");

        using var answer = await stranger.SendAsync(request, Stop);

        Assert.Equal((HttpStatusCode.Forbidden, false), (answer.StatusCode, answer.Headers.Contains("Set-Cookie")));
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, string token)
    {
        using var body = new StringContent(token);
        return await client.PostAsync(new Uri(Urls.Open, UriKind.Relative), body, Stop);
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/health");
        request.Headers.Add("Cookie", cookie);
        using var answer = await client.SendAsync(request, Stop);
        return answer.StatusCode;
    }
}
