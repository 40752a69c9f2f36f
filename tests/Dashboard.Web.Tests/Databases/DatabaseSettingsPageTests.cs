using AngleSharp.Html.Dom;
using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class DatabaseSettingsPageTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Renames_and_keeps_the_address()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");

        await page.TypeAsync("#name", "Shop of the north");
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form > .row [role=status]").TextContent), Patience);
        Assert.Equal("Shop of the north", (await RowAsync("shop")).Database.Name);
        page.WaitForAssertion(() => Assert.Equal("Shop of the north", page.Find("h1").TextContent), Patience);
    }

    [Fact]
    public async Task Looks_at_a_new_place_while_it_is_typed_and_moves_there()
    {
        var shop = await AddDatabaseAsync("shop");
        var moved = Path.Combine(Folder, "moved.db");
        File.Move(shop.Location, moved);
        var page = Open("shop");

        await page.TypeAsync("#location", moved);
        page.WaitForAssertion(() => Assert.Contains("An SQLite database with 1 table.", page.Find(".headline").TextContent), Patience);
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form > .row [role=status]").TextContent), Patience);
        Assert.Equal(moved, (await RowAsync("shop")).Database.Location);
    }

    [Fact]
    public async Task Changes_nothing_and_says_why_when_the_new_place_is_bad()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Open("shop");

        await page.TypeAsync("#name", "Other");
        await page.TypeAsync("#location", Path.Combine(Folder, "missing.db"));
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("Nothing was changed. There is no missing.db", page.Find("form [role=alert]").TextContent), Patience);
        var row = await RowAsync("shop");
        Assert.Equal(("shop", shop.Location), (row.Database.Name, row.Database.Location));
    }

    [Fact]
    public async Task Takes_a_backup_folder_of_its_own_and_warns_while_it_shares_the_disk()
    {
        await AddDatabaseAsync("shop");
        var folder = Path.Combine(Folder, "own");
        var page = Open("shop");

        await page.TypeAsync("#backup-folder", folder);
        page.WaitForElement("form [data-shares-disk]", Patience);
        await page.SubmitAsync();
        page.WaitForElement("[data-consent]", Patience);
        await page.InvokeAsync(() => page.Find("[data-consent]").Click());

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form > .row [role=status]").TextContent), Patience);
        Assert.Equal(folder, (await RowAsync("shop")).Database.BackupFolder);
    }

    [Fact]
    public async Task Refuses_a_backup_folder_that_is_no_full_path()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");

        await page.TypeAsync("#backup-folder", "backups");
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("“backups” is not a full path.", page.Find("form [role=alert]").TextContent), Patience);
    }

    [Fact]
    public async Task Asks_always_for_the_name_when_told_to()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");

        await page.SwitchAsync("form input[role=switch]", true);
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("form > .row [role=status]").TextContent), Patience);
        Assert.True((await RowAsync("shop")).Database.AlwaysAskForName);
    }

    [Fact]
    public async Task Keeps_what_is_being_typed_while_the_numbers_go_on()
    {
        await AddDatabaseAsync("shop");
        var page = Open("shop");
        await page.TypeAsync("#name", "Half a na");

        Services.GetRequiredService<JobFeed>().Changed();
        await Services.GetRequiredService<LiveStates>().ReadAsync((await RowAsync("shop")).Database, CancellationToken.None);

        page.WaitForAssertion(() => Assert.DoesNotContain("No data", page.Find(".lead").TextContent), Patience);
        Assert.Equal("Half a na", ((IHtmlInputElement)page.Find("#name")).Value);
    }

    [Fact]
    public async Task Removes_with_one_click_and_the_undo_brings_the_daily_backup_back_too()
    {
        var shop = await AddDatabaseAsync("shop");
        await Services.GetRequiredService<SetSchedule>().SetAsync(Me, shop.Subject, JobKeys.Backup, true, SetSchedule.Daily, "Europe/Berlin", CancellationToken.None);
        var toasts = Render<MudSnackbarProvider>();
        var page = Open("shop");
        await page.ClickAsync("section[aria-labelledby=remove-title] button");

        page.WaitForAssertion(() => Assert.EndsWith("/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        Assert.Null(await Services.GetRequiredService<ReadFleet>().FindAsync(Me, "shop", CancellationToken.None));
        Assert.True(File.Exists(shop.Location));
        Assert.Contains("Its file and its backups stay.", toasts.Markup);

        await toasts.ClickAsync("button", "Undo");

        toasts.WaitForAssertion(() => Assert.Contains("shop is back.", toasts.Markup), Patience);
        Assert.True((await RowAsync("shop")).Schedule!.IsOn);
    }

    [Fact]
    public async Task Gives_the_reason_where_the_own_store_can_be_neither_moved_nor_removed()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);

        var page = Open("dashboard");

        Assert.True(page.WaitForElement("#location", Patience).HasAttribute("disabled"));
        Assert.Contains("start it with --data", page.Find("form").TextContent);
        Assert.Empty(page.FindAll("section[aria-labelledby=remove-title] button"));
        Assert.Contains("can't be taken off the fleet", page.Find("[data-reason]").TextContent);
    }

    [Fact]
    public async Task Says_why_it_can_not_be_removed_while_a_run_is_open()
    {
        var shop = await AddDatabaseAsync("shop");
        await Services.GetRequiredService<AskForRun>().AskAsync(Me, JobKeys.Backup, shop.Subject, null, CancellationToken.None);

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Contains("A run is at work on it", page.Find("[data-reason]").TextContent), Patience);
        Assert.Empty(page.FindAll("section[aria-labelledby=remove-title] button"));
    }

    private IRenderedComponent<DatabaseSettingsPage> Open(string slug) => Render<DatabaseSettingsPage>(page => page.Add(p => p.Slug, slug));

    private async Task<FleetRow> RowAsync(string slug) => (await Services.GetRequiredService<ReadFleet>().FindAsync(Me, slug, CancellationToken.None))!;
}
