using Bunit;
using Bunit.Rendering;
using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Backups;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

public sealed class RestorePlanPageTests : PagesWithRuns
{
    [Fact]
    public async Task Says_in_a_sentence_what_goes_and_what_comes_back()
    {
        var shop = await AddDatabaseAsync(sql: "CREATE TABLE orders(id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2); CREATE TABLE customers(id INTEGER PRIMARY KEY); INSERT INTO customers VALUES (1), (2), (3); CREATE TABLE stock(id INTEGER);");
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        Write(shop, "INSERT INTO orders VALUES (3), (4), (5); DELETE FROM customers WHERE id = 1; CREATE TABLE campaigns(id INTEGER);");

        var page = await ShowAsync(backup);

        Assert.Equal("3 rows that were added since go away, 1 row comes back.", page.Find("[data-loss]").TextContent);
        Assert.Contains("1 table unchanged", page.Find("[data-same]").TextContent);
        Assert.Contains("not in the backup: the table goes away", page.Markup);
        Assert.Contains("For 24 h one click brings it back", page.Markup);
        Assert.Contains("There is space enough.", page.Markup);
    }

    [Fact]
    public async Task Asks_once_however_often_the_button_is_clicked_and_goes_to_the_run()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        Write(shop, "DELETE FROM orders;");
        var page = await ShowAsync(backup);

        await page.InvokeAsync(async () =>
        {
            var button = page.Find("[data-restore]");
            var first = button.ClickAsync();
            try
            {
                await button.ClickAsync();
            }
            catch (UnknownEventHandlerIdException)
            {
                // The button was disabled already; a browser would not have sent the second click.
            }

            await first;
        });

        var (runs, total) = await Get<ReadRuns>().ListAsync(Me, new RunFilter(Job: JobKeys.Restore), CancellationToken.None);
        Assert.Equal(1, total);
        Assert.EndsWith(Urls.ForRun(runs[0].Id), Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Waits_for_the_name_where_the_database_asks_for_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        await using (var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None))
        {
            await store.Databases.ExecuteUpdateAsync(database => database.SetProperty(d => d.AlwaysAskForName, true), CancellationToken.None);
        }

        var page = await ShowAsync(backup);
        Assert.True(page.Find("[data-restore]").HasAttribute("disabled"));
        Assert.Equal("Type the name of the database first.", page.Find("[data-restore]").GetAttribute("aria-description"));
        await page.InvokeAsync(() => page.Find("#plan-name").Input("shop"));
        await PressAsync(page, "[data-restore]");

        Assert.Contains("/activity/", Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Asks_for_no_name_where_an_undo_is_sure()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();

        var page = await ShowAsync(await BackUpAsync(shop));

        Assert.Empty(page.FindAll("#plan-name"));
        Assert.False(page.Find("[data-restore]").HasAttribute("disabled"));
        Assert.Equal("Every table has as many rows now as in the backup.", page.Find("[data-loss]").TextContent);
    }

    [Fact]
    public async Task Says_why_the_own_store_is_not_restored_in_place_and_offers_a_copy()
    {
        var own = await AddOwnStoreAsync();
        await StartRunsAsync();

        var page = await ShowAsync(await BackUpAsync(own), "dashboard");

        Assert.Contains("can't be restored in place", page.Find("[role=alert]").TextContent);
        Assert.True(page.Find("[data-restore]").HasAttribute("disabled"));
        await PressAsync(page, "[data-copy]");
        Assert.Contains("/activity/", Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Blocks_when_the_file_is_gone()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        File.Delete(FileOf(backup));

        var page = await ShowAsync(backup);

        Assert.Contains("is missing", page.Find("[role=alert]").TextContent);
        Assert.True(page.Find("[data-restore]").HasAttribute("disabled"));
        Assert.True(page.Find("[data-copy]").HasAttribute("disabled"));
    }

    [Fact]
    public void Sends_back_to_the_backups_when_there_is_no_such_backup()
    {
        var page = Render<RestorePlanPage>(parameters => parameters.Add(p => p.Slug, "shop").Add(p => p.BackupId, Guid.NewGuid()));

        page.WaitForAssertion(() => Assert.Contains("No such backup", page.Find("h1").TextContent));
    }

    private Task<IRenderedComponent<RestorePlanPage>> ShowAsync(Backup backup, string slug = "shop")
    {
        var page = Render<RestorePlanPage>(parameters => parameters.Add(p => p.Slug, slug).Add(p => p.BackupId, backup.Id));
        page.WaitForElement("[data-loss]", TimeSpan.FromSeconds(20));
        return Task.FromResult(page);
    }
}
