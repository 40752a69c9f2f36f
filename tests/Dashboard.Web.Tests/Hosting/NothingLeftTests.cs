using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Web.Features.Databases;
using Dashboard.Web.Features.Fleet;
using Dashboard.Web.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>What pages follow while they are open, and that they let go of it.</summary>
public sealed class NothingLeftTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Pages_that_are_closed_follow_nothing()
    {
        await AddDatabaseAsync("shop");
        for (var tab = 0; tab < 5; tab++)
        {
            Render<FleetPage>();
            Render<OverviewPage>(page => page.Add(it => it.Slug, "shop"));
            Render<TablesPage>(page => page.Add(it => it.Slug, "shop"));
            Render<IndexesPage>(page => page.Add(it => it.Slug, "shop"));
        }

        await UntilAsync(() => Followed().All(count => count > 0));

        await DisposeComponentsAsync();

        await UntilAsync(() => Followed().All(count => count == 0));
        Assert.All(Followed(), count => Assert.Equal(0, count));
    }

    [Fact]
    public async Task A_hidden_tab_follows_nothing_until_it_is_seen_again()
    {
        await AddDatabaseAsync("shop");
        Render<OverviewPage>(page => page.Add(it => it.Slug, "shop"));
        Render<IndexesPage>(page => page.Add(it => it.Slug, "shop"));
        await UntilAsync(() => Followed().All(count => count > 0));

        Services.GetRequiredService<Tab>().Seen(false);
        await UntilAsync(() => Followed().All(count => count == 0));
        Assert.All(Followed(), count => Assert.Equal(0, count));

        Services.GetRequiredService<Tab>().Seen(true);
        await UntilAsync(() => Followed().All(count => count > 0));
        Assert.All(Followed(), count => Assert.True(count > 0));
    }

    private int[] Followed() =>
    [
        Services.GetRequiredService<LiveStates>().PollerCount,
        Services.GetRequiredService<LiveTables>().PollerCount,
        Services.GetRequiredService<LiveIndexes>().PollerCount,
        Services.GetRequiredService<MetricsFeed>().WatcherCount,
        Services.GetRequiredService<JobFeed>().WatcherCount,
    ];

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!isSo() && !late.IsCancellationRequested)
        {
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
