using Bunit;
using Dashboard.Core.Jobs;
using Dashboard.Web.Features.Activity;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace Dashboard.Web.Tests.Activity;

public sealed class ActivityPageTests : PagesWithRuns
{
    [Fact]
    public async Task Shows_a_run_live_with_its_bar_and_takes_it_from_the_feed()
    {
        var shop = await AddDatabaseAsync();
        var page = Render<ActivityPage>();
        page.WaitForAssertion(() => Assert.Contains("Nothing has run yet.", page.Markup));

        var run = new LiveRun(Guid.NewGuid(), JobKeys.Backup, "Back up shop", shop.Subject, "Schedule", RunState.Running, "Copying", 0.62, 62, 100, null, null, true, false, null);
        Get<JobFeed>().Begin(run);

        page.WaitForAssertion(() => Assert.Equal("62", page.Find("[role=progressbar]").GetAttribute("aria-valuenow")));
        Assert.Equal("1 run is at work. They go on when this page is closed.", page.Find("[data-verdict]").TextContent);
        Assert.Contains("Cancel", page.Find(".open-run").TextContent);

        Get<JobFeed>().End(run.Id);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[role=progressbar]")));
    }

    [Fact]
    public async Task Cancels_a_run_that_waits()
    {
        var shop = await AddDatabaseAsync();
        var run = await Get<AskForRun>().AskAsync(Me, JobKeys.Backup, shop.Subject, null, CancellationToken.None);
        var page = Render<ActivityPage>();
        Assert.Contains("Waiting", page.Markup);

        await PressAsync(page, "button", "Cancel");

        page.WaitForAssertion(() => Assert.Contains("Cancelled by Local administrator before it began.", page.Find("table").TextContent));
        Assert.Equal(RunState.Cancelled, (await Get<ReadRuns>().FindAsync(Me, run.Id, CancellationToken.None))!.Run.State);
    }

    [Fact]
    public async Task Marks_failures_as_seen_when_it_is_opened()
    {
        var shop = await AddDatabaseAsync();
        File.Delete(shop.Location);
        await StartRunsAsync();
        await RunAsync(JobKeys.Backup, shop);
        Assert.Equal(1, await Get<ReadRuns>().CountUnseenFailuresAsync(Me, CancellationToken.None));

        var page = Render<ActivityPage>();

        await page.WaitForAssertionAsync(async () => Assert.Equal(0, await Get<ReadRuns>().CountUnseenFailuresAsync(Me, CancellationToken.None)));
    }

    [Fact]
    public async Task Keeps_its_filter_in_the_address()
    {
        var shop = await AddDatabaseAsync("shop");
        var lost = await AddDatabaseAsync("lost");
        File.Delete(lost.Location);
        await StartRunsAsync();
        await RunAsync(JobKeys.Backup, shop);
        await RunAsync(JobKeys.Backup, lost);
        Get<NavigationManager>().NavigateTo(Urls.Activity);
        var page = Render<ActivityPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));

        await page.InvokeAsync(() => page.Find("#runs-state").Change("failed"));

        Assert.EndsWith("/activity?state=failed", Get<NavigationManager>().Uri);
        page.WaitForAssertion(() => Assert.Equal("Back up lost", page.FindAll("tbody tr a.name").Single().TextContent));
    }

    [Fact]
    public async Task Lists_only_the_runs_of_its_database_in_the_tab()
    {
        var shop = await AddDatabaseAsync("shop");
        var wiki = await AddDatabaseAsync("wiki");
        await StartRunsAsync();
        await RunAsync(JobKeys.Backup, shop);
        await RunAsync(JobKeys.Backup, wiki);

        var page = Render<DatabaseActivityPage>(parameters => parameters.Add(p => p.Slug, "wiki"));

        page.WaitForAssertion(() => Assert.Equal("Back up wiki", page.FindAll("tbody tr a.name").Single().TextContent));
    }
}
