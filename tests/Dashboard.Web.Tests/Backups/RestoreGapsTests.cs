using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Backups;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

/// <summary>What a login can't restore stands on the plan by name, stops the buttons, and goes only when somebody says so.</summary>
public sealed class RestoreGapsTests : PagesWithRuns
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly RestoreGap Trigger = new("Event trigger watcher: only a superuser can create it.", "Give another login for this restore.", CanBeLeftOut: true) { LeftOut = "Left out, so is what needs it." };
    private static readonly RestoreGap Types = new("Extension postgis is not trusted: only a superuser can create it.", "Give another login for this restore.", CanBeLeftOut: false);

    private readonly ForeignEngine _answers;

    public RestoreGapsTests()
    {
        (var engine, _answers) = ForeignEngine.Make();
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(engine);
    }

    [Fact]
    public async Task What_can_be_left_out_is_named_and_left_out_when_asked_for()
    {
        var page = await PlanAsync(Trigger);

        Assert.Contains("One thing in the backup can't be restored by this login.", page.Find("[data-gaps]").TextContent);
        Assert.Contains("Event trigger watcher: only a superuser can create it. Give another login for this restore. Left out, so is what needs it.", page.Find("[data-gaps] li").TextContent);
        Assert.NotEmpty(page.FindAll("[data-other-login]"));
        Assert.True(page.Find("[data-restore]").HasAttribute("disabled"));
        Assert.Contains("restore without these things", page.Find("[data-copy]").GetAttribute("aria-description"));

        await page.InvokeAsync(() => page.Find("[data-gaps] input[type=checkbox]").Change(true));
        await PressAsync(page, "[data-restore]");

        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None);
        Assert.Contains("\"LeavesOut\":true", (await store.Runs.SingleAsync(row => row.Job == JobKeys.Restore, CancellationToken.None)).Arguments);
    }

    [Fact]
    public async Task What_holds_rows_can_only_wait_for_another_login()
    {
        var page = await PlanAsync(Trigger, Types);

        Assert.Equal(2, page.FindAll("[data-gaps] li").Count);
        Assert.Empty(page.FindAll("[data-gaps] input"));
        Assert.Equal("Grant what the login lacks, or give another login.", page.Find("[data-restore]").GetAttribute("aria-description"));
    }

    [Fact]
    public async Task The_server_asks_again_and_trusts_no_browser()
    {
        var backup = await BackUpAsync();
        _answers.Gaps = [Trigger, Types];

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Get<AskForRestore>().InPlaceAsync(Core.Access.Actor.LocalAdministrator, backup.Id, "shop", CancellationToken.None, leavesOut: true));

        Assert.StartsWith(Types.Problem, refusal.Message, StringComparison.Ordinal);
    }

    private async Task<IRenderedComponent<RestorePlanPage>> PlanAsync(params RestoreGap[] gaps)
    {
        var backup = await BackUpAsync();
        _answers.Gaps = gaps;
        Render<MudPopoverProvider>();
        Render<MudDialogProvider>();
        var page = Render<RestorePlanPage>(parameters => parameters.Add(p => p.Slug, "shop").Add(p => p.BackupId, backup.Id));
        page.WaitForElement("[data-loss]", Patience);
        return page;
    }

    private async Task<Backup> BackUpAsync()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        Write(shop, "DELETE FROM orders;");
        return backup;
    }
}
