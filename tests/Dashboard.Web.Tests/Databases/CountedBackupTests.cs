using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

/// <summary>Rows counted in the database too: asked for with the button or the schedule, where the engine can.</summary>
public sealed class CountedBackupTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public CountedBackupTests()
    {
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(AnsweringEngine.MakeCounting());
    }

    [Fact]
    public async Task Goes_along_with_the_button()
    {
        var page = await OpenCountingAsync();
        Assert.Equal("Reads every table once more.", page.Find(".page-head [data-counts]").GetAttribute("title"));

        await page.InvokeAsync(() => page.Find(".page-head [data-counts] input").Change(true));
        await PressAsync(page, "Back up now");

        await using var store = await StoreAsync();
        Assert.Equal("{\"CountsRows\":true}", (await store.Runs.SingleAsync(run => run.Job == JobKeys.Backup, CancellationToken.None)).Arguments);
    }

    [Fact]
    public async Task The_schedule_is_told_and_stays_one()
    {
        var page = await OpenCountingAsync();

        await page.InvokeAsync(() => page.FindAll(".daily input")[0].Change(true));
        await page.InvokeAsync(() => page.Find(".daily [data-counts] input").Change(true));
        await using (var store = await StoreAsync())
        {
            var told = await store.Schedules.SingleAsync(CancellationToken.None);
            Assert.Equal((true, "{\"CountsRows\":true}"), (told.IsOn, told.Arguments));
        }

        await page.InvokeAsync(() => page.Find(".daily [data-counts] input").Change(false));
        await using var later = await StoreAsync();
        var untold = await later.Schedules.SingleAsync(CancellationToken.None);
        Assert.Equal((true, ""), (untold.IsOn, untold.Arguments));
    }

    private async Task<IRenderedComponent<OverviewPage>> OpenCountingAsync()
    {
        await AddDatabaseAsync();
        var page = Render<OverviewPage>(parameters => parameters.Add(p => p.Slug, "shop"));
        page.WaitForElement(".daily", Patience);
        return page;
    }

    private static Task PressAsync(IRenderedComponent<OverviewPage> page, string words) =>
        page.InvokeAsync(() => page.FindAll("button").Last(button => button.TextContent.Contains(words, StringComparison.Ordinal)).ClickAsync());

    private Task<DashboardStore> StoreAsync() => Services.GetRequiredService<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None);
}
