using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Features.Backups;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

public sealed class ForeignPageTests : PagesWithRuns
{
    private readonly ForeignEngine _answers;

    public ForeignPageTests()
    {
        (var engine, _answers) = ForeignEngine.Make();
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(engine);
    }

    [Fact]
    public async Task A_path_is_looked_at_and_shown_under_an_address_of_its_own()
    {
        await AddDatabaseAsync();
        var file = Path.Combine(Folder, "somebody.dump");
        await File.WriteAllTextAsync(file, "content", CancellationToken.None);
        var page = Show();

        await page.InvokeAsync(() => page.Find("#foreign-path").Input(file));
        await PressAsync(page, "[data-look]");

        Assert.Matches(@"/databases/shop/backups/foreign\?dump=", Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said_in_words()
    {
        await AddDatabaseAsync();
        var page = Show();

        await page.InvokeAsync(() => page.Find("#foreign-path").Input("/no/such.dump"));
        await PressAsync(page, "[data-look]");

        Assert.Contains("There is no file /no/such.dump", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task An_archive_is_shown_with_its_danger_and_waits_for_the_name()
    {
        var shop = await AddDatabaseAsync();
        var page = Show(await StageAsync(shop));

        Assert.Equal("An archive of somebody", page.Find("[data-foreign]").TextContent);
        Assert.Contains("An archive can run code.", page.Markup);
        Assert.Equal("Type the name of the database first.", page.Find("[data-replace]").GetAttribute("aria-description"));
        Assert.True(page.Find("[data-new]").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("#foreign-name").Input("shop"));
        await PressAsync(page, "[data-replace]");

        Assert.Contains("/activity/", Get<NavigationManager>().Uri);
        var (runs, _) = await Get<ReadRuns>().ListAsync(Me, new RunFilter(Job: JobKeys.RestoreForeign), CancellationToken.None);
        Assert.Single(runs);
    }

    [Fact]
    public async Task Missing_roles_are_named_and_can_be_left_out()
    {
        var shop = await AddDatabaseAsync();
        _answers.OwnersProblem = "The server has no role alice.";
        var page = Show(await StageAsync(shop));
        await page.InvokeAsync(() => page.Find("#foreign-name").Input("shop"));

        Assert.Contains("The server has no role alice.", page.Markup);
        Assert.True(page.Find("[data-replace]").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("input[type=checkbox]").Change(true));

        Assert.False(page.Find("[data-replace]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_script_is_offered_as_a_new_database_only_and_refused_with_the_reason_where_it_can_not_be_run()
    {
        var shop = await AddDatabaseAsync();
        _answers.Kind = ForeignKind.Script;
        var dump = await StageAsync(shop);

        var page = Show(dump);
        Assert.Empty(page.FindAll("[data-replace]"));
        Assert.False(page.Find("[data-new]").HasAttribute("disabled"));

        _answers.ScriptBlocker = "No role can be made.";
        var blocked = Show(dump);
        Assert.True(blocked.Find("[data-new]").HasAttribute("disabled"));
        Assert.Contains("No role can be made.", blocked.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task What_is_not_wanted_is_removed()
    {
        var shop = await AddDatabaseAsync();
        var dump = await StageAsync(shop);
        var page = Show(dump);

        await PressAsync(page, "button", "Remove this dump");

        Assert.Null(await Get<StageForeign>().FindAsync(Me, dump, CancellationToken.None));
        Assert.EndsWith("/databases/shop/backups", Get<NavigationManager>().Uri);
    }

    private async Task<Guid> StageAsync(Database database)
    {
        using var content = new MemoryStream([.. "content"u8]);
        return (await Get<StageForeign>().FromStreamAsync(Me, database.Id, "somebody.dump", content, CancellationToken.None)).Id;
    }

    private IRenderedComponent<ForeignPage> Show(Guid? dump = null)
    {
        Get<NavigationManager>().NavigateTo(Urls.ForForeign("shop", dump));
        var page = Render<ForeignPage>(parameters => parameters.Add(p => p.Slug, "shop"));
        page.WaitForElement(".foreign", TimeSpan.FromSeconds(20));
        return page;
    }
}
