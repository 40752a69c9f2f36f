using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Backups;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

/// <summary>Where the registered login is not enough: another one is offered, tried while it is typed, and taken for this restore only.</summary>
public sealed class OtherLoginTests : PagesWithRuns
{
    private const string Problem = "watcher may not create databases (CREATEDB).";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ForeignEngine _answers;
    private IRenderedComponent<MudDialogProvider> _dialogs = null!;

    public OtherLoginTests()
    {
        (var engine, _answers) = ForeignEngine.Make();
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(engine);
    }

    [Fact]
    public async Task Is_not_offered_where_nothing_is_missing()
    {
        var page = await PlanAsync(await BackUpAsync());

        Assert.Empty(page.FindAll("[data-other-login]"));
        Assert.Empty(page.FindAll("[data-as]"));
    }

    [Fact]
    public async Task Is_tried_while_it_is_typed_and_the_plan_made_anew_with_it()
    {
        _answers.LoginProblem = Problem;
        var page = await PlanAsync(await BackUpAsync());
        Assert.Contains("Nothing brings back what is there now.", page.Markup);
        Assert.Equal(Problem, page.Find("[data-copy]").GetAttribute("aria-description"));

        var choosing = PressAsync(page, "[data-other-login]");
        var dialog = Dialog();
        Assert.Equal(Problem, dialog.Find("[data-why]").TextContent);
        Assert.Contains("It is looked at while you type", dialog.Markup);
        Assert.True(dialog.Find("[data-use]").HasAttribute("disabled"));

        await TypeAsync(dialog, "keeper", "wrong");
        dialog.WaitForAssertion(() => Assert.Contains("refused the password of keeper", dialog.Find(".headline").TextContent), Patience);
        Assert.True(dialog.Find("[data-use]").HasAttribute("disabled"));

        await TypeAsync(dialog, "keeper", "right");
        Assert.True(dialog.Find("[data-use]").HasAttribute("disabled"));
        dialog.WaitForAssertion(() => Assert.Contains("Builds the new database beside", dialog.Find(".abilities").TextContent), Patience);
        Assert.False(dialog.Find("[data-use]").HasAttribute("disabled"));
        await PressAsync(dialog, "[data-use]");
        await choosing;

        page.WaitForAssertion(() => Assert.StartsWith("Restored as keeper.", page.Find("[data-as]").TextContent.Trim()), Patience);
        Assert.Contains("For 24 h one click brings it back", page.Markup);
        Assert.False(page.Find("[data-restore]").HasAttribute("disabled"));
        Assert.False(page.Find("[data-copy]").HasAttribute("disabled"));
        Assert.DoesNotContain("right", page.Find("[data-as]").OuterHtml);

        await PressAsync(page, "[data-as] button");
        page.WaitForAssertion(() => Assert.Contains("Nothing brings back what is there now.", page.Markup), Patience);
        Assert.Empty(page.FindAll("[data-as]"));
    }

    [Fact]
    public async Task Is_kept_for_the_run_as_a_number_and_encrypted()
    {
        _answers.LoginProblem = Problem;
        var page = await PlanAsync(await BackUpAsync());
        var choosing = PressAsync(page, "[data-other-login]");
        await GiveAsync();
        await choosing;
        page.WaitForAssertion(() => Assert.False(page.Find("[data-copy]").HasAttribute("disabled")), Patience);

        await PressAsync(page, "[data-copy]");

        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None);
        var run = await store.Runs.SingleAsync(row => row.Job == JobKeys.RestoreCopy, CancellationToken.None);
        Assert.Matches("\"LoginId\":\"[0-9a-f-]{36}\"", run.Arguments);
        Assert.DoesNotContain("keeper", run.Arguments);
        Assert.DoesNotContain("right", run.Arguments);
    }

    [Fact]
    public async Task Whoever_steps_back_is_left_with_the_plan_as_it_was()
    {
        _answers.LoginProblem = Problem;
        var page = await PlanAsync(await BackUpAsync());

        var choosing = PressAsync(page, "[data-other-login]");
        await PressAsync(Dialog(), "button", "Cancel");
        await choosing;

        Assert.Empty(page.FindAll("[data-as]"));
        Assert.NotEmpty(page.FindAll("#plan-name"));
    }

    [Fact]
    public async Task A_foreign_archive_takes_it_too()
    {
        var shop = await AddDatabaseAsync();
        _answers.LoginProblem = Problem;
        var file = Path.Combine(Folder, "somebody.dump");
        await File.WriteAllTextAsync(file, "content", CancellationToken.None);
        var dump = await Get<StageForeign>().FromPathAsync(Me, shop.Id, file, CancellationToken.None);
        Get<NavigationManager>().NavigateTo(Urls.ForForeign("shop", dump.Id));
        Dialogs();
        var page = Render<ForeignPage>(parameters => parameters.Add(p => p.Slug, "shop"));
        page.WaitForElement("[data-other-login]", Patience);
        await page.InvokeAsync(() => page.Find("#foreign-name").Input("shop"));
        Assert.Equal(Problem, page.Find("[data-new]").GetAttribute("aria-description"));

        var choosing = PressAsync(page, "[data-other-login]");
        await GiveAsync();
        await choosing;

        page.WaitForAssertion(() => Assert.False(page.Find("[data-new]").HasAttribute("disabled")), Patience);
        Assert.Contains("Restored as keeper", page.Find("[data-as]").TextContent);
    }

    [Fact]
    public async Task What_is_kept_beside_asks_for_it_when_it_can_not_be_removed_without()
    {
        var shop = await AddDatabaseAsync();
        _answers.Kept.Add(new KeptContent(ContentPlace.Beside("shop__before_20261122t021500z"), 4096));
        _answers.LoginProblem = "watcher may not do this.";
        Dialogs();
        var list = Render<KeptList>(parameters => parameters.Add(p => p.Database, shop));
        list.WaitForElement("li", Patience);

        var removing = PressAsync(list, "button", "Remove now");
        _dialogs.WaitForElement("#confirm-name", Patience);
        await _dialogs.InvokeAsync(() => _dialogs.Find("#confirm-name").Input("shop"));
        await PressAsync(_dialogs, "button", "Remove for good");
        Assert.Equal("watcher may not do this.", Dialog().Find("[data-why]").TextContent);
        await GiveAsync();
        await removing;

        Assert.Empty(list.FindAll("li"));
        Assert.Empty(_answers.Kept);
    }

    [Fact]
    public async Task Owners_that_are_missing_are_named_on_the_plan_and_can_be_left_out()
    {
        var backup = await BackUpAsync();
        _answers.OwnersProblem = "The server has no role alice, to whom things in the backup belong.";
        var page = await PlanAsync(backup);

        Assert.Contains("The server has no role alice", page.Find(".notice.warn").TextContent);
        Assert.Equal("Grant what the login lacks, create missing roles, or leave out owners and rights.", page.Find("[data-restore]").GetAttribute("aria-description"));
        Assert.True(page.Find("[data-copy]").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("input[type=checkbox]").Change(true));
        Assert.False(page.Find("[data-copy]").HasAttribute("disabled"));
        await PressAsync(page, "[data-restore]");

        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None);
        Assert.Contains("\"WithoutOwners\":true", (await store.Runs.SingleAsync(row => row.Job == JobKeys.Restore, CancellationToken.None)).Arguments);
    }

    private async Task<Backup> BackUpAsync()
    {
        var shop = await AddDatabaseAsync();
        await StartRunsAsync();
        var backup = await BackUpAsync(shop);
        Write(shop, "DELETE FROM orders;");
        return backup;
    }

    private Task<IRenderedComponent<RestorePlanPage>> PlanAsync(Backup backup)
    {
        Dialogs();
        var page = Render<RestorePlanPage>(parameters => parameters.Add(p => p.Slug, "shop").Add(p => p.BackupId, backup.Id));
        page.WaitForElement("[data-loss]", Patience);
        return Task.FromResult(page);
    }

    private void Dialogs()
    {
        Render<MudPopoverProvider>();
        _dialogs = Render<MudDialogProvider>();
    }

    private IRenderedComponent<MudDialogProvider> Dialog()
    {
        _dialogs.WaitForElement("#other-user", Patience);
        return _dialogs;
    }

    private async Task GiveAsync()
    {
        var dialog = Dialog();
        await TypeAsync(dialog, "keeper", "right");
        dialog.WaitForAssertion(() => Assert.False(dialog.Find("[data-use]").HasAttribute("disabled")), Patience);
        await PressAsync(dialog, "[data-use]");
    }

    /// <summary>As a person does: nobody waits for what is looked at meanwhile.</summary>
    private static async Task TypeAsync(IRenderedComponent<MudDialogProvider> dialog, string user, string password) => await dialog.InvokeAsync(() =>
    {
        _ = dialog.Find("#other-user").InputAsync(user);
        _ = dialog.Find("#other-password").InputAsync(password);
    });
}
