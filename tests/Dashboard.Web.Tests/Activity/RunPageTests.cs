using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Activity;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Dashboard.Web.Tests.Activity;

public sealed class RunPageTests : PagesWithRuns
{
    [Fact]
    public async Task Shows_phases_outcome_and_who_asked()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var run = await RunAsync(JobKeys.Backup, shop);

        var page = Show(run.Run.Id);

        Assert.Equal("Back up shop", page.Find("h1").TextContent);
        Assert.Contains("Succeeded", page.Markup);
        Assert.Contains("as in the snapshot", page.Find("[data-sentence]").TextContent);
        Assert.Contains("Compressing", page.Find(".phases").TextContent);
        Assert.Contains("Local administrator", page.Find(".facts").TextContent);
        Assert.Empty(page.FindAll("[data-again]"));
    }

    [Fact]
    public async Task Says_what_failed_and_what_to_do_and_backs_up_again()
    {
        var shop = await AddDatabaseAsync();
        File.Move(shop.Location, shop.Location + ".away");
        await StartRunsAsync();
        var run = await RunAsync(JobKeys.Backup, shop);
        var page = Show(run.Run.Id);

        var alert = page.Find("[role=alert]").TextContent;
        Assert.Contains(run.Run.Problem!, alert);
        Assert.Contains(run.Run.NextStep!, alert);
        Assert.Contains("Error", page.Find(".log").TextContent);
        await page.WaitForAssertionAsync(async () => Assert.Equal(0, await Get<ReadRuns>().CountUnseenFailuresAsync(Me, CancellationToken.None)));

        File.Move(shop.Location + ".away", shop.Location);
        await PressAsync(page, "[data-again]");

        Assert.DoesNotContain(run.Run.Id.ToString(), Get<NavigationManager>().Uri);
        Assert.Contains("/activity/", Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Tells_an_interrupted_run_from_a_failed_one()
    {
        var shop = await AddDatabaseAsync();
        var id = await StoreAsync(shop, RunState.Interrupted);

        var page = Show(id);

        Assert.Contains("Interrupted", page.Markup);
        Assert.Contains("The dashboard was stopped while this ran.", page.Find(".notice.warn").TextContent);
        Assert.Contains("Stopped with the dashboard", page.Find("[data-sentence]").TextContent);
        Assert.NotEmpty(page.FindAll("[data-again]"));
    }

    [Fact]
    public async Task Shows_the_bar_of_a_run_at_work_and_its_outcome_when_it_ends()
    {
        var shop = await AddDatabaseAsync();
        var id = await StoreAsync(shop, RunState.Running);
        var live = new LiveRun(id, JobKeys.Backup, "Back up shop", shop.Subject, "Schedule", RunState.Running, "Copying", 0.5, 50, 100, null, null, true, false, null);
        Get<JobFeed>().Begin(live);
        var page = Show(id);
        page.WaitForAssertion(() => Assert.Equal("50", page.Find("[role=progressbar]").GetAttribute("aria-valuenow")));
        Assert.Contains("You may close this page; the run goes on.", page.Markup);
        Assert.Contains("Copying", page.Find(".phases .now").TextContent);

        await using (var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None))
        {
            await store.Runs.ExecuteUpdateAsync(run => run.SetProperty(r => r.State, RunState.Succeeded).SetProperty(r => r.Summary, "All there."), CancellationToken.None);
        }

        Get<JobFeed>().End(id);

        page.WaitForAssertion(() => Assert.Equal("All there.", page.Find("[data-sentence]").TextContent));
        Assert.Empty(page.FindAll("[role=progressbar]"));
    }

    [Fact]
    public async Task Takes_a_restore_back_with_one_click()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        Write(shop, "DELETE FROM orders;");
        var restore = await EndAsync(await Get<AskForRestore>().InPlaceAsync(Me, backup.Id, null, CancellationToken.None));
        var page = Show(restore.Run.Id);

        page.WaitForElement("[data-undo]");
        await PressAsync(page, "[data-undo]");

        var (runs, total) = await Get<ReadRuns>().ListAsync(Me, new RunFilter(Job: JobKeys.Undo), CancellationToken.None);
        Assert.Equal(1, total);
        Assert.EndsWith(Urls.ForRun(runs[0].Id), Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Copies_its_address_to_share()
    {
        var shop = await AddDatabaseAsync();
        var page = Show(await StoreAsync(shop, RunState.Succeeded));

        await PressAsync(page, "[data-share]");

        Assert.Contains("Copied", page.Find("[data-share]").TextContent);
        Assert.Contains("/activity/", (string)JSInterop.Invocations["navigator.clipboard.writeText"].Single().Arguments[0]!);
    }

    [Fact]
    public void Is_friendly_about_an_address_that_leads_nowhere()
    {
        var page = Render<RunPage>(parameters => parameters.Add(p => p.RunId, Guid.NewGuid()));

        page.WaitForAssertion(() => Assert.Equal("No such run", page.Find("h1").TextContent));
    }

    private IRenderedComponent<RunPage> Show(Guid runId)
    {
        var page = Render<RunPage>(parameters => parameters.Add(p => p.RunId, runId));
        page.WaitForElement("h1");
        return page;
    }

    private async Task<Guid> StoreAsync(Database database, RunState state)
    {
        var now = TimeProvider.System.GetUtcNow();
        var run = new Run
        {
            Id = Guid.CreateVersion7(now),
            Job = JobKeys.Backup,
            SubjectKind = SubjectKind.Database,
            SubjectId = database.Id,
            AskedBy = "Schedule",
            DueAt = now,
            QueuedAt = now,
            StartedAt = now,
            State = state,
            Writes = false,
        };
        if (state == RunState.Interrupted)
        {
            run.EndedAt = now;
            run.Summary = "Stopped with the dashboard; the half-written file was removed.";
            run.Problem = "The dashboard was stopped while this ran.";
            run.NextStep = "Back up again.";
        }

        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync();
        store.Runs.Add(run);
        await store.SaveChangesAsync();
        return run.Id;
    }
}
