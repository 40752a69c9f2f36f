using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Backups;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

/// <summary>"Recently deleted" and the dialog that removes for good tell one backup from another.</summary>
public sealed class DeletedBackupsTests : PagesWithRuns
{
    [Fact]
    public async Task Each_has_its_state_second_rows_size_and_file()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var good = await DeleteAsync(await BackUpAsync(shop));
        var missing = await DeleteAsync(await BackUpAsync(shop));
        var damaged = await DeleteAsync(await BackUpAsync(shop));
        File.Delete(FileOf(missing));
        await SpoilAsync(damaged);

        var page = Show(shop);

        Assert.Contains("Checked", Row(page, good).TextContent);
        Assert.Contains("Damaged", Row(page, damaged).TextContent);
        Assert.Contains("File missing", Row(page, missing).TextContent);
        Assert.Contains("Last good", Row(page, good).TextContent);
        Assert.DoesNotContain("Last good", Row(page, damaged).TextContent);
        Assert.DoesNotContain("Last good", Row(page, missing).TextContent);
        Assert.Equal("3", Row(page, good).QuerySelector("[data-label=Rows]")!.TextContent);
        Assert.Contains(Words.Bytes(good.SizeBytes), Row(page, good).QuerySelector("[data-label=Size]")!.TextContent);
        Assert.Matches(@"today \d\d:\d\d:\d\d|yesterday \d\d:\d\d:\d\d", Row(page, good).QuerySelector("th")!.TextContent);
    }

    [Fact]
    public async Task It_is_not_the_last_good_one_while_another_is_in_the_list()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var deleted = await DeleteAsync(await BackUpAsync(shop));
        await BackUpAsync(shop);

        Assert.DoesNotContain("Last good", Row(Show(shop), deleted).TextContent);
    }

    [Fact]
    public async Task Nor_while_another_lies_beside_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var first = await DeleteAsync(await BackUpAsync(shop));
        var second = await DeleteAsync(await BackUpAsync(shop));
        var page = Show(shop);

        Assert.DoesNotContain("Last good", Row(page, first).TextContent + Row(page, second).TextContent);
    }

    [Fact]
    public async Task The_dialog_says_what_it_is_and_that_nothing_good_is_left_after_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var good = await DeleteAsync(await BackUpAsync(shop));
        await SpoilAsync(await BackUpAsync(shop));

        var facts = await AskAsync(shop, good);

        Assert.Contains("This is the last good backup of shop", facts);
        Assert.All(new[] { "Checked", "Last good", Words.Bytes(good.SizeBytes), good.FileName }, part => Assert.Contains(part, facts));
    }

    [Fact]
    public async Task The_dialog_of_a_damaged_one_says_what_is_wrong_with_it()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        await DeleteAsync(await BackUpAsync(shop));
        var damaged = await DeleteAsync(await BackUpAsync(shop));
        await SpoilAsync(damaged);

        var facts = await AskAsync(shop, damaged);

        Assert.DoesNotContain("last good", facts, StringComparison.OrdinalIgnoreCase);
        Assert.All(new[] { "Damaged", "Its checksum differs.", damaged.FileName }, part => Assert.Contains(part, facts));
    }

    private async Task<Backup> DeleteAsync(Backup backup)
    {
        await Get<DeleteBackup>().DeleteAsync(Me, backup.Id, "shop", CancellationToken.None);
        return backup;
    }

    /// <summary>As a check leaves it that found it damaged.</summary>
    private async Task SpoilAsync(Backup backup)
    {
        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync();
        var row = await store.Backups.SingleAsync(row => row.Id == backup.Id);
        (row.Level, row.Problem) = (CheckLevel.Invalid, "Its checksum differs.");
        await store.SaveChangesAsync();
    }

    private IRenderedComponent<BackupInventory> Show(Database database)
    {
        Get<NavigationManager>().NavigateTo(Urls.ForDatabaseBackups("shop") + "?deleted=true");
        var page = Render<BackupInventory>(inventory => inventory.Add(i => i.Database, database).Add(i => i.Version, 1));
        page.WaitForElement("table[aria-label='Recently deleted backups']");
        return page;
    }

    private static AngleSharp.Dom.IElement Row(IRenderedComponent<BackupInventory> page, Backup backup) =>
        page.FindAll("table[aria-label='Recently deleted backups'] tbody tr").Single(row => row.TextContent.Contains(backup.FileName, StringComparison.Ordinal));

    private async Task<string> AskAsync(Database database, Backup backup)
    {
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var page = Show(database);
        var asking = page.InvokeAsync(() => Row(page, backup).QuerySelector("button[aria-label^='Remove for good']")!.ClickAsync());
        dialogs.WaitForElement("#confirm-name");
        var text = dialogs.Find(".mud-dialog").TextContent;
        await PressAsync(dialogs, "button", "Keep it");
        await asking;
        return text;
    }
}
