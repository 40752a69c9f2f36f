using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Features.Backups;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

public sealed class BackupInventoryTests : PagesWithRuns
{
    [Fact]
    public async Task Offers_the_first_backup_when_there_is_none()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();

        var page = Show(shop);
        await PressAsync(page, "button", "Back up now");

        Assert.Contains("shop has no backup yet.", page.Markup);
        Assert.Contains(Get<JobFeed>().Snapshot().Runs.Select(run => run.Job).Append(JobKeys.Backup), job => job == JobKeys.Backup);
    }

    [Fact]
    public async Task Shows_size_ratio_level_and_who_asked_and_leads_to_the_plan()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);

        var page = Show(shop);

        var row = page.Find("tbody tr");
        Assert.Contains("Checked", row.TextContent);
        Assert.Contains("by Local administrator", row.TextContent);
        Assert.Contains(" %", row.TextContent);
        Assert.Contains("Last good", row.TextContent);
        Assert.Equal(Urls.ForRestorePlan("shop", backup.Id), row.QuerySelector("a[href$='/restore']")!.GetAttribute("href"));
        Assert.Equal(backup.FileName, row.QuerySelector($"a[href='{Urls.ForDownload(backup.Id)}']")!.GetAttribute("download"));
    }

    [Fact]
    public async Task Says_that_a_file_is_gone_and_why_nothing_can_be_done_with_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        File.Delete(FileOf(backup));

        var page = Show(shop);

        Assert.Contains("Missing", page.Find("tbody .status").TextContent);
        Assert.Contains(FileOf(backup), page.Markup);
        Assert.Empty(page.FindAll("a[href$='/restore']"));
        Assert.Equal(4, page.FindAll("[aria-description^='The backup file'][aria-description*='is missing.']").Count);
    }

    [Fact]
    public async Task Does_not_restore_a_damaged_backup_and_says_what_is_wrong_with_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        var bytes = await File.ReadAllBytesAsync(FileOf(backup), CancellationToken.None);
        bytes[^9] ^= 0xFF;
        await File.WriteAllBytesAsync(FileOf(backup), bytes, CancellationToken.None);
        await EndAsync(await Get<AskForRestore>().CheckAsync(Me, backup.Id, CancellationToken.None));

        var page = Show(shop);

        Assert.Contains("Damaged", page.Markup);
        Assert.Empty(page.FindAll("a[href$='/restore']"));
        Assert.NotEmpty(page.FindAll("[aria-description^='This backup was found damaged']"));
    }

    [Fact]
    public async Task Offers_a_copy_but_no_restore_in_place_of_the_dashboards_own_store()
    {
        var own = await AddOwnStoreAsync();
        await StartRunsAsync();
        await BackUpAsync(own);

        var page = Render<BackupInventory>(inventory => inventory.Add(i => i.Database, own).Add(i => i.Version, 1).Add(i => i.OwnStoreId, own.Id));

        Assert.Empty(page.FindAll("a[href$='/restore']"));
        Assert.False(page.Find("button[aria-label$='as a copy']").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Deletes_with_one_click_and_brings_back_from_the_toast()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        await BackUpAsync(shop);
        await BackUpAsync(shop);
        var toasts = Render<MudSnackbarProvider>();
        var page = Show(shop);

        await PressAsync(page, "button[aria-label^='Delete']");

        Assert.Equal(1, await CountAsync(shop, deleted: true));
        toasts.WaitForElement(".mud-snackbar button");
        await PressAsync(toasts, ".mud-snackbar button", "Undo");
        await page.WaitForAssertionAsync(async () => Assert.Equal(0, await CountAsync(shop, deleted: true)));
    }

    [Fact]
    public async Task Asks_by_name_before_it_deletes_the_last_good_backup()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        await BackUpAsync(shop);
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var page = Show(shop);

        var deleting = PressAsync(page, "button[aria-label^='Delete']");
        dialogs.WaitForElement("#confirm-name");
        await dialogs.InvokeAsync(() => dialogs.Find("#confirm-name").Input("shop "));
        await PressAsync(dialogs, "button", "Delete it");
        await deleting;

        Assert.Equal(1, await CountAsync(shop, deleted: true));
    }

    [Fact]
    public async Task Keeps_the_last_good_backup_when_the_person_steps_back()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        await BackUpAsync(shop);
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var page = Show(shop);

        var deleting = PressAsync(page, "button[aria-label^='Delete']");
        dialogs.WaitForElement("#confirm-name");
        await dialogs.InvokeAsync(() => dialogs.Find("#confirm-name").Input("shopp"));
        Assert.True(dialogs.FindAll("button").Single(button => button.TextContent.Contains("Delete it")).HasAttribute("disabled"));
        await PressAsync(dialogs, "button", "Keep it");
        await deleting;

        Assert.Equal(1, await CountAsync(shop, deleted: false));
    }

    [Fact]
    public async Task Removes_a_deleted_backup_for_good_by_name()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        await Get<DeleteBackup>().DeleteAsync(Me, backup.Id, "shop", CancellationToken.None);
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        Get<NavigationManager>().NavigateTo(Urls.ForDatabaseBackups("shop") + "?deleted=true");
        var page = Show(shop);

        var removing = PressAsync(page, "button", "Remove for good");
        dialogs.WaitForElement("#confirm-name");
        await dialogs.InvokeAsync(() => dialogs.Find("#confirm-name").Input("shop"));
        await PressAsync(dialogs, "button", "Remove for good");
        await removing;

        Assert.False(File.Exists(FileOf(backup)));
        Assert.Equal(0, await CountAsync(shop, deleted: true));
    }

    [Fact]
    public async Task Folds_what_was_deleted_and_opens_it_by_the_address()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        await Get<DeleteBackup>().DeleteAsync(Me, backup.Id, "shop", CancellationToken.None);
        Get<NavigationManager>().NavigateTo(Urls.ForDatabaseBackups("shop"));
        var page = Show(shop);
        Assert.Empty(page.FindAll("table"));

        await PressAsync(page, "button[aria-expanded='false']");

        Assert.EndsWith("?deleted=true", Get<NavigationManager>().Uri);
        page.WaitForElement("table");
        await PressAsync(page, "button", "Bring back");
        Assert.Equal(1, await CountAsync(shop, deleted: false));
    }

    [Fact]
    public async Task Finds_a_backup_among_all_by_words_in_the_address()
    {
        var shop = await AddDatabaseAsync("shop");
        var wiki = await AddDatabaseAsync("wiki");
        await StartRunsAsync();
        await BackUpAsync(shop);
        await BackUpAsync(wiki);
        Get<NavigationManager>().NavigateTo(Urls.Backups + "?q=WIK local");

        var page = Render<BackupsPage>();

        page.WaitForAssertion(() => Assert.Equal("wiki", page.FindAll("tbody tr a.name").Single().TextContent));
    }

    [Fact]
    public async Task Shows_the_backups_of_a_removed_database_too()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        await BackUpAsync(shop);
        await Get<RemoveDatabase>().RemoveAsync(Me, shop.Id, CancellationToken.None);

        var page = Render<BackupsPage>();

        page.WaitForAssertion(() => Assert.Contains("no longer registered", page.Find("tbody tr").TextContent));
        Assert.Empty(page.FindAll("a[href$='/restore']"));
    }

    [Fact]
    public async Task Warns_while_the_backups_share_the_disk_with_the_database()
    {
        var shop = await AddDatabaseAsync();

        var page = Render<DatabaseBackupsPage>(parameters => parameters.Add(p => p.Slug, "shop"));

        page.WaitForAssertion(() => Assert.Contains("on the same disk as the database", page.Markup));
        Assert.Contains(Get<ReadBackups>().FolderOf(shop), page.Markup);
    }

    private IRenderedComponent<BackupInventory> Show(Database database)
    {
        var page = Render<BackupInventory>(inventory => inventory.Add(i => i.Database, database).Add(i => i.Version, 1));
        page.WaitForState(() => !page.Markup.Contains("skeleton"));
        return page;
    }

    private async Task<int> CountAsync(Database database, bool deleted) =>
        (await Get<ReadBackups>().ListAsync(Me, database.Id, deleted, 0, 0, CancellationToken.None)).Total;
}
