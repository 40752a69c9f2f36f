using AngleSharp.Dom;
using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Fleet;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class OverviewPageTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Says_that_no_database_has_this_address()
    {
        var page = Open("nothing");

        page.WaitForAssertion(() => Assert.Contains("No database is registered under “nothing”.", page.Markup), Patience);
    }

    [Fact]
    public async Task Shows_the_numbers_of_the_file_and_where_it_lies()
    {
        var shop = await AddDatabaseAsync("shop");

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal("Rollback", Fact(page, "journal")), Patience);
        Assert.Equal(["file", "wal", "free", "pages", "page-size", "journal"], page.FindAll("[data-fact]").Select(fact => fact.GetAttribute("data-fact")));
        Assert.Equal("4.00 KiB", Fact(page, "page-size"));
        Assert.Contains(shop.Location, page.Find("code").TextContent);
        Assert.Empty(page.FindAll("[data-counts]"));
        page.WaitForAssertion(() => Assert.DoesNotContain("Looking…", page.Markup), Patience);
    }

    [Fact]
    public async Task Follows_the_file_within_five_seconds_and_flashes_what_changed()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.NotEmpty(Fact(page, "pages")), Patience);
        var before = Fact(page, "pages");
        Assert.Empty(page.FindAll(".changed"));

        Sql(shop.Location, "CREATE TABLE more(x); INSERT INTO more SELECT randomblob(100000)");

        page.WaitForAssertion(() => Assert.NotEqual(before, Fact(page, "pages")), TimeSpan.FromSeconds(5));
        Assert.NotNull(page.Find("[data-fact=pages] .changed"));
        Assert.Empty(page.FindAll("[data-fact=page-size] .changed"));
    }

    [Fact]
    public async Task Keeps_the_last_numbers_greyed_with_the_reason_when_the_file_can_not_be_read()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Equal("Rollback", Fact(page, "journal")), Patience);
        var elsewhere = shop.Location + ".away";

        SqliteConnection.ClearAllPools();
        File.Move(shop.Location, elsewhere);
        page.WaitForAssertion(() => Assert.Contains("The numbers below are from", page.Find("[role=alert]").TextContent), Patience);
        Assert.NotNull(page.Find(".stale [data-fact=journal]"));

        File.Move(elsewhere, shop.Location);
        await page.ClickAsync("[role=alert] button", "Try again");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".stale")), Patience);
    }

    [Fact]
    public async Task Writes_a_schedule_in_the_zone_of_the_viewer_and_shows_the_next_time()
    {
        await AddDatabaseAsync("shop");
        Services.GetRequiredService<Dashboard.Web.Hosting.Viewer>().UseZone("Europe/Berlin");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Contains("Off: a backup is taken only when somebody asks.", page.Markup), Patience);

        await page.SwitchAsync(".daily input[role=switch]", true);

        page.WaitForAssertion(() => Assert.Matches("Next: .*02:00 · Europe/Berlin", page.Find(".daily").TextContent), Patience);
        var schedule = (await RowAsync("shop")).Schedule!;
        Assert.Equal(("0 2 * * *", "Europe/Berlin", true), (schedule.Cron, schedule.Zone, schedule.IsOn));

        await page.SwitchAsync(".daily input[role=switch]", false);

        page.WaitForAssertion(() => Assert.Contains("Off: a backup is taken only when somebody asks.", page.Markup), Patience);
        Assert.False((await RowAsync("shop")).Schedule!.IsOn);
    }

    [Fact]
    public async Task Shows_the_last_backup_and_warns_while_it_shares_the_disk()
    {
        await StartRunsAsync();
        await AddDatabaseAsync("shop");
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.Contains("None yet.", page.Markup), Patience);
        Assert.NotNull(page.WaitForElement("[data-shares-disk] a[href='/databases/shop/settings']", Patience));

        await page.ClickAsync(".actions button", "Back up now");

        page.WaitForAssertion(() => Assert.Contains("Checked", Card(page, "last-title").TextContent), Patience);
        Assert.Equal(1, Card(page, "last-title").QuerySelectorAll("a[href$='/restore']").Length);
    }

    [Fact]
    public async Task Offers_to_remove_the_sample_when_the_first_own_database_was_added()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
        await AddDatabaseAsync("shop");
        Services.GetRequiredService<NavigationManager>().NavigateTo(Urls.ForAddedDatabase("shop"));
        var page = Open("shop");

        await page.ClickAsync(".notice button");

        page.WaitForAssertion(() => Assert.DoesNotContain("This is your first database here.", page.Markup), Patience);
        Assert.False(File.Exists(Services.GetRequiredService<DataFolder>().SampleFile));
    }

    [Fact]
    public async Task Leaves_the_sample_alone_when_a_second_own_database_was_added()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
        await AddDatabaseAsync("shop");
        await AddDatabaseAsync("crm");
        Services.GetRequiredService<NavigationManager>().NavigateTo(Urls.ForAddedDatabase("crm"));

        var page = Open("crm");

        page.WaitForElement(".overview", Patience);
        Assert.DoesNotContain("This is your first database here.", page.Markup);
    }

    [Fact]
    public async Task Has_no_card_to_try_on_a_database_of_ones_own()
    {
        await AddDatabaseAsync("shop");

        var page = Open("shop");

        page.WaitForElement(".overview", Patience);
        Assert.Empty(page.FindAll("[data-step]"));
    }

    [Fact]
    public async Task Ticks_the_four_steps_of_the_sample_as_they_really_happen()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
        await StartRunsAsync();
        var sample = (await RowAsync("sample-archive")).Database;
        var page = Open("sample-archive");
        page.WaitForAssertion(() => Assert.Equal([], Ticked(page)), Patience);
        page.WaitForElement("[data-step]", Patience);

        await PressAsync(page, "backup");
        page.WaitForAssertion(() => Assert.Equal(["backup"], Ticked(page)), Patience);

        page.WaitForAssertion(() => Assert.False(page.Find("[data-step=break] button").HasAttribute("disabled")), Patience);
        await PressAsync(page, "break");
        page.WaitForAssertion(() => Assert.Equal(["backup", "break"], Ticked(page)), Patience);
        Assert.StartsWith("Deleted ", page.Find("[data-step=break] [role=status]").TextContent, StringComparison.Ordinal);

        var plan = page.Find("[data-step=restore] a").GetAttribute("href")!;
        Assert.Matches("^/databases/sample-archive/backups/[0-9a-f-]{36}/restore$", plan);
        await Services.GetRequiredService<AskForRestore>().InPlaceAsync(Me, Guid.Parse(plan.Split('/')[4]), null, CancellationToken.None);
        page.WaitForAssertion(() => Assert.Equal(["backup", "break", "restore"], Ticked(page)), Patience);

        page.WaitForAssertion(() => Assert.False(page.Find("[data-step=undo] button").HasAttribute("disabled")), Patience);
        await PressAsync(page, "undo");
        page.WaitForAssertion(() => Assert.Equal(["backup", "break", "restore", "undo"], Ticked(page)), Patience);
        page.WaitForAssertion(() => Assert.Contains("The undo brought the broken content back", page.Markup), Patience);
        Assert.NotNull(sample);
    }

    [Fact]
    public async Task Removes_the_sample_with_one_click_and_undoes_it_from_the_toast()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
        var toasts = Render<MudSnackbarProvider>();
        var page = Open("sample-archive");

        await page.ClickAsync(".try header button");

        page.WaitForAssertion(() => Assert.EndsWith("/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        Assert.Null(await Services.GetRequiredService<ReadFleet>().FindAsync(Me, "sample-archive", CancellationToken.None));

        await toasts.ClickAsync("button", "Undo");

        toasts.WaitForAssertion(() => Assert.True(File.Exists(Services.GetRequiredService<DataFolder>().SampleFile)), Patience);
        await RowAsync("sample-archive");
    }

    private IRenderedComponent<OverviewPage> Open(string slug) => Render<OverviewPage>(page => page.Add(p => p.Slug, slug));

    private static string Fact(IRenderedComponent<OverviewPage> page, string key) => page.Find($"[data-fact={key}] dd").TextContent.Trim();

    private static IElement Card(IRenderedComponent<OverviewPage> page, string title) => page.Find($"section[aria-labelledby={title}]");

    private static List<string?> Ticked(IRenderedComponent<OverviewPage> page) => [.. page.FindAll(".done-step").Select(step => step.GetAttribute("data-step"))];

    private static Task PressAsync(IRenderedComponent<OverviewPage> page, string step) => page.ClickAsync($"[data-step={step}] button");

    private async Task<FleetRow> RowAsync(string slug) => (await Services.GetRequiredService<ReadFleet>().FindAsync(Me, slug, CancellationToken.None))!;

    private static void Sql(string file, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
