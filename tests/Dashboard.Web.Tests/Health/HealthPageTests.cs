using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Postgres;
using Dashboard.Web.Features.Fleet;
using Dashboard.Web.Features.Health;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Health;

public sealed class HealthPageTests : PagesWithRuns
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public HealthPageTests() => Services.AddPostgres();

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_anybody_has_looked_it_says_so_and_nothing_is_green()
    {
        var page = Show(await AddDatabaseAsync());

        page.WaitForAssertion(() => Assert.Equal("Nobody has looked yet.", page.Find("[data-health]").TextContent), Patience);
        Assert.Contains("Does not look by itself.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Not looked at yet", Card(page, "integrity"), StringComparison.Ordinal);
        Assert.Contains("Not set up", Card(page, "tables"), StringComparison.Ordinal);
        Assert.Equal("No data on 30 days.", page.Find("[data-summary]").TextContent);
        Assert.Empty(page.FindAll(".checks .status.ok"));
        Assert.Empty(page.FindAll(".day.ok"));
    }

    [Fact]
    public async Task Run_now_fills_the_list_the_strip_and_leads_from_a_day_to_its_run()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: "CREATE TABLE orders(id INTEGER PRIMARY KEY);");
        await BackUpAsync(shop);
        var page = Show(shop);

        await page.ClickAsync("button", "Run now");

        page.WaitForAssertion(() => Assert.Equal("All 15 passed.", page.Find("[data-health]").TextContent), Patience);
        Assert.Contains("Sound: ", Card(page, "integrity"), StringComparison.Ordinal);
        Assert.Contains("Critical", Card(page, "integrity"), StringComparison.Ordinal);
        Assert.Equal("Passed on 1 day, no data on 29 days.", page.Find("[data-summary]").TextContent);
        Assert.Equal(29, page.FindAll("section .strip:not(.small-strip) .day.none").Count);

        var day = page.Find("section .strip:not(.small-strip) a.day").GetAttribute("href")!;
        await page.InvokeAsync(() => Get<NavigationManager>().NavigateTo(day));

        page.WaitForAssertion(() => Assert.Contains("This is what was found", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(15, page.FindAll("li.finding").Count);
        var run = Assert.Single((await Get<ReadRuns>().ListAsync(Me, new RunFilter(shop.Id, JobKeys.Health), Cancel)).Runs);
        Assert.Contains(page.FindAll("a"), link => link.GetAttribute("href") == Urls.ForRun(run.Id));
        await page.InvokeAsync(() => Get<NavigationManager>().NavigateTo(Urls.ForHealth("shop") + "?day=2020-01-01"));
        page.WaitForAssertion(() => Assert.Contains("Nothing was looked at on Wed 1 Jan.", page.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task A_damaged_file_turns_the_integrity_red_with_what_to_do_and_says_what_changed()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql:
            """
            CREATE TABLE files(id INTEGER PRIMARY KEY, body BLOB);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800) INSERT INTO files SELECT i, randomblob(3000) FROM n;
            """);
        await RunAsync(JobKeys.Health, shop);
        await using (var file = File.OpenWrite(shop.Location))
        {
            file.Position = 40_960;
            file.Write(new byte[8192]);
        }

        var run = await RunAsync(JobKeys.Health, shop);
        var page = Show(shop);

        Assert.Equal(RunState.Failed, run.Run.State);
        page.WaitForAssertion(() => Assert.Contains("Failed", Card(page, "integrity"), StringComparison.Ordinal), Patience);
        Assert.Contains("Restore a backup that was taken before the damage.", Card(page, "integrity"), StringComparison.Ordinal);
        Assert.Contains("Began", Card(page, "integrity"), StringComparison.Ordinal);
        Assert.Contains("which is critical", page.Find("[data-health]").TextContent, StringComparison.Ordinal);
        Assert.Equal("integrity", page.Find("li.check").GetAttribute("data-check"));
        Assert.Contains("Critical", page.Find(".lead .status").TextContent, StringComparison.Ordinal);
        var change = page.Find("table[aria-label='What changed'] tbody tr").TextContent;
        Assert.Contains("Integrity", change, StringComparison.Ordinal);
        Assert.Contains("Passed", change, StringComparison.Ordinal);
        Assert.Contains("Failed", change, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PostgreSQL_server_that_is_down_fails_its_first_check_and_says_to_start_it()
    {
        await StartRunsAsync();
        var shop = await AddDownAsync();

        var run = await RunAsync(JobKeys.Health, shop);
        var page = Show(shop);

        Assert.Equal((RunState.Failed, "Can be opened: Nothing listens on 127.0.0.1:1. And 8 more."), (run.Run.State, run.Run.Problem));
        Assert.StartsWith("Start PostgreSQL there", run.Run.NextStep, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("Start PostgreSQL there", Card(page, "opens"), StringComparison.Ordinal), Patience);
        Assert.Contains("Failed", Card(page, "opens"), StringComparison.Ordinal);
        Assert.Contains("Could not tell", Card(page, "xid-age"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_threshold_is_changed_on_the_page_and_one_that_makes_no_sense_is_told_while_typing()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: "CREATE TABLE files(id INTEGER PRIMARY KEY, body BLOB); INSERT INTO files VALUES (1, randomblob(90000)); DELETE FROM files;");
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Change: Free pages']");

        await page.TypeAsync("#free-pages-least", "none");
        page.WaitForAssertion(() => Assert.Contains("“none” in “and not below” is no number.", page.Find("form[aria-label='Change Free pages']").TextContent, StringComparison.Ordinal), Patience);
        Assert.True(page.Find("form[aria-label='Change Free pages'] button[type=submit]").HasAttribute("disabled"));
        await page.TypeAsync("#free-pages-least", "0");
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("form")), Patience);
        await page.ClickAsync("button", "Run now");

        page.WaitForAssertion(() => Assert.Contains("Run a vacuum under Maintenance.", Card(page, "free-pages"), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task One_that_is_expected_to_be_down_and_one_that_is_off_say_so()
    {
        var shop = await AddDatabaseAsync();
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Change: Age of the last good backup']");
        await page.ActAsync("form[aria-label='Change Age of the last good backup'] .switches label:nth-child(3) input", box => box.Change(true));
        await page.ActAsync("#backup-age-expected-why", why => why.Change("Moved this week."));
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("(Moved this week.)", Card(page, "backup-age"), StringComparison.Ordinal), Patience);

        await page.ClickAsync("[aria-label='Change: Permissions']");
        await page.ActAsync("form[aria-label='Change Permissions'] .switches label:nth-child(1) input", box => box.Change(false));
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Switched off", Card(page, "rights"), StringComparison.Ordinal), Patience);

        await StartRunsAsync();
        var run = await RunAsync(JobKeys.Health, shop);
        Assert.EndsWith("1 is down as expected.", run.Run.Summary, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("Down as expected", Card(page, "backup-age"), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task A_question_of_ones_own_is_tried_added_asked_changed_and_removed()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync();
        var page = Show(shop);
        await page.ClickAsync("button", "Add your own");
        await page.TypeAsync("#own-new-title", "No tea");
        await page.TypeAsync("#own-new-sql", "SELECT item FROM orders WHERE item = 'tea'");
        await page.ClickAsync("button", "Try it");
        page.WaitForAssertion(() => Assert.Contains("It found 1 row: tea.", page.Find("form").TextContent, StringComparison.Ordinal), Patience);
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Your own", Own(page), StringComparison.Ordinal), Patience);

        await page.ClickAsync("button", "Run now");
        page.WaitForAssertion(() => Assert.Contains("It found 1 row: tea.", Own(page), StringComparison.Ordinal), Patience);

        await page.ClickAsync("[aria-label='Change: No tea']");
        await page.ClickAsync("[aria-label='Remove: No tea']");
        page.WaitForAssertion(() => Assert.DoesNotContain(page.FindAll("li.check"), card => card.TextContent.Contains("No tea", StringComparison.Ordinal)), Patience);
    }

    [Fact]
    public async Task A_question_that_can_not_be_asked_says_why_and_is_not_added()
    {
        var page = Show(await AddDatabaseAsync());
        await page.ClickAsync("button", "Add your own");
        await page.TypeAsync("#own-new-title", "Empty");

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("The question must have 1 to 10,000 characters.", page.Find("form").TextContent, StringComparison.Ordinal), Patience);
        Assert.DoesNotContain(page.FindAll("li.check"), card => card.TextContent.Contains("Your own", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_looks_by_itself_once_that_is_switched_on_and_says_when_it_has_become_old()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync();
        var page = Show(shop);
        await page.ClickAsync("button", "Schedule");
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Looks by itself every day at 04:00, next", page.Markup, StringComparison.Ordinal), Patience);
        await RunAsync(JobKeys.Health, shop);
        Assert.DoesNotContain("This is out of date.", page.Markup, StringComparison.Ordinal);

        await using (var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(Cancel))
        {
            var old = TimeProvider.System.GetUtcNow().AddDays(-3);
            await store.HealthRuns.ExecuteUpdateAsync(run => run.SetProperty(row => row.At, old), Cancel);
        }

        var later = Show(shop);
        later.WaitForAssertion(() => Assert.Contains("and the schedule looks more often.", later.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("Attention", later.Find(".lead .status").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_read_is_told_and_what_was_read_before_stays()
    {
        var shop = await AddDatabaseAsync();
        var page = Show(shop);
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("li.check")), Patience);
        await using (var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(Cancel))
        {
            await store.Database.ExecuteSqlRawAsync("ALTER TABLE health_settings RENAME TO gone", Cancel);
        }

        Get<JobFeed>().Changed();

        page.WaitForAssertion(() => Assert.Contains("The health could not be read.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.NotEmpty(page.FindAll("li.check"));
    }

    [Fact]
    public async Task In_the_fleet_what_it_wants_shows_in_the_status_and_leaves_the_database_protected()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync("shop", "CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT); CREATE INDEX by_item ON orders(item); INSERT INTO orders(item) VALUES ('tea');");
        await BackUpAsync(shop);
        await RunAsync(JobKeys.Health, shop);

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("Attention", page.Find("tbody").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Contains("1 / 1", page.Find("ul.tiles").TextContent, StringComparison.Ordinal), Patience);
        Assert.StartsWith("shop: Statistics: There are no statistics yet", page.Find("[data-verdict]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installation_has_a_page_of_its_own_with_services()
    {
        await StartRunsAsync();
        var page = Render<InstallationHealthPage>();
        await page.ClickAsync("button", "Add your own");
        page.WaitForAssertion(() => Assert.Equal(["a service answers"], page.FindAll("#own-new-kind option").Select(option => option.TextContent)), Patience);
        await page.TypeAsync("#own-new-title", "Assistant");
        await page.TypeAsync("#own-new-address", "http://127.0.0.1:1/health");
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("Assistant", Own(page), StringComparison.Ordinal), Patience);

        await page.ClickAsync("button", "Run now");

        page.WaitForAssertion(() => Assert.Contains("It can't be reached", Own(page), StringComparison.Ordinal), Patience);
        Assert.Contains(".NET", Card(page, "runtime"), StringComparison.Ordinal);
    }

    private IRenderedComponent<HealthPage> Show(Database database) => Render<HealthPage>(page => page.Add(p => p.Slug, database.Slug));

    private static string Card<TPage>(IRenderedComponent<TPage> page, string check)
        where TPage : IComponent => page.Find($"li[data-check='{check}']").TextContent;

    /// <summary>The cards of what a person wrote.</summary>
    private static string Own<TPage>(IRenderedComponent<TPage> page)
        where TPage : IComponent => string.Concat(page.FindAll("li.check[data-check^='own:']").Select(card => card.TextContent));

    /// <summary>Registered while it was up.</summary>
    private async Task<Database> AddDownAsync()
    {
        var down = new Database { Id = Guid.NewGuid(), Slug = "down", Name = "down", Engine = "postgres", Location = "postgresql://me@127.0.0.1:1/shop?sslmode=disable", AddedAt = TimeProvider.System.GetUtcNow() };
        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(Cancel);
        store.Databases.Add(down);
        await store.SaveChangesAsync(Cancel);
        return down;
    }
}
