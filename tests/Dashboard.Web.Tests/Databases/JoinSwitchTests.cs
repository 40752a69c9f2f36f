using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class JoinSwitchTests : PagesWithRuns
{
    private readonly AnsweringEngine _answers;

    public JoinSwitchTests()
    {
        (var engine, _answers) = AnsweringEngine.Make();
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(engine);
    }

    [Fact]
    public async Task Turns_joining_on_and_off_for_the_server_of_a_database()
    {
        var shop = await AddDatabaseAsync();
        _answers.Login = ("db:5432", "dashboard");
        await using (var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None))
        {
            store.Logins.Add(new StoredLogin { Id = Guid.NewGuid(), Engine = shop.Engine, Server = "db:5432", User = "dashboard", Secret = "", ChangedAt = DateTimeOffset.UnixEpoch });
            await store.SaveChangesAsync(CancellationToken.None);
        }

        var page = await ShowAsync();
        await page.InvokeAsync(() => page.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = true }));
        Assert.True(await Get<JoinDatabases>().IsOnAsync(Me, shop, CancellationToken.None));
        Assert.Contains("is registered within minutes", page.Markup);

        await page.InvokeAsync(() => page.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = false }));
        Assert.False(await Get<JoinDatabases>().IsOnAsync(Me, shop, CancellationToken.None));
    }

    [Fact]
    public async Task Is_not_there_where_nobody_signs_in()
    {
        await AddDatabaseAsync();

        Assert.Empty((await ShowAsync()).Markup.Trim());
    }

    private async Task<IRenderedComponent<JoinSwitch>> ShowAsync()
    {
        var row = await Get<ReadFleet>().FindAsync(Me, "shop", CancellationToken.None);
        return Render<JoinSwitch>(parameters => parameters.Add(p => p.Row, row!));
    }
}
