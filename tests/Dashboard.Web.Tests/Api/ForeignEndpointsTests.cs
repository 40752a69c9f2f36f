using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Web.Tests.Hosting;
using Xunit;

namespace Dashboard.Web.Tests.Api;

public sealed class ForeignEndpointsTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dashboard", "application/octet-stream", "same-origin", HttpStatusCode.UnprocessableEntity)]
    [InlineData("dashboard", "application/octet-stream", "cross-site", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("dashboard", "text/plain", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("nothing", "application/octet-stream", null, HttpStatusCode.NotFound)]
    public async Task What_is_not_taken_in_is_a_problem_in_words(string slug, string type, string? site, HttpStatusCode status)
    {
        using var content = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/databases/{slug}/foreign?name=x", UriKind.Relative)) { Content = content };
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        using var response = await app.Client().SendAsync(request, Stop);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("title").GetString()!);
        Assert.Empty(Directory.Exists(Path.Combine(app.DataFolder, "foreign")) ? Directory.GetFiles(Path.Combine(app.DataFolder, "foreign")) : []);
    }
}
