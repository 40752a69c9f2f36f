using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Api;

public sealed class HealthEndpointsTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lives_and_is_ready_and_names_nothing()
    {
        Assert.Equal("""{"live":true}""", await app.Client().GetStringAsync(new Uri("/health/live", UriKind.Relative), Stop));

        using var ready = await app.Client().GetAsync(new Uri("/health/ready", UriKind.Relative), Stop);

        Assert.Equal((HttpStatusCode.OK, """{"ready":true,"store":true,"folders":true,"backup_folders":true}"""), (ready.StatusCode, await ready.Content.ReadAsStringAsync(Stop)));
        Assert.True(ready.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task The_last_run_is_sent_with_its_findings()
    {
        var before = await app.Client().GetFromJsonAsync<JsonElement>(new Uri("/api/health", UriKind.Relative), Stop);
        Assert.Equal(("installation", "none", 0), (before.GetProperty("subject").GetString(), before.GetProperty("verdict").GetString(), before.GetProperty("checks").GetArrayLength()));
        var feed = app.Services.GetRequiredService<JobFeed>();
        var run = await app.Services.GetRequiredService<AskForRun>().AskAsync(Actor.LocalAdministrator, JobKeys.Health, Subject.Installation, null, Stop);
        await foreach (var snapshot in feed.WatchAsync(TimeSpan.FromMilliseconds(20), Stop))
        {
            if (snapshot.Runs.All(live => live.Id != run.Id))
            {
                break;
            }
        }

        var after = await app.Client().GetFromJsonAsync<JsonElement>(new Uri("/api/health", UriKind.Relative), Stop);

        Assert.Equal(after.GetProperty("total").GetInt32(), after.GetProperty("checks").GetArrayLength());
        Assert.False(after.GetProperty("stale").GetBoolean());
        var runtime = after.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("key").GetString() == "runtime");
        Assert.Equal(("pass", false), (runtime.GetProperty("verdict").GetString(), runtime.GetProperty("critical").GetBoolean()));
    }

    [Fact]
    public async Task A_database_that_nobody_knows_is_a_problem_in_words()
    {
        using var response = await app.Client().GetAsync(new Uri("/api/databases/nothing/health", UriKind.Relative), Stop);

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }
}
