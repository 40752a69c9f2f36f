using Bunit;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Fleet;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Fleet;

public sealed class FleetPageTests : Pages
{
    [Fact]
    public void Offers_to_add_the_first_database_when_there_is_none()
    {
        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("No database is registered yet.", page.Markup), Patience);
        Assert.NotNull(page.Find(".empty a[href='/databases/add']"));
    }

    [Fact]
    public async Task Names_the_database_that_has_no_backup()
    {
        await AddDatabaseAsync("shop");

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("shop: No checked backup yet.", page.Find("[data-verdict]").TextContent), Patience);
    }

    [Fact]
    public async Task Says_how_to_begin_while_only_the_sample_and_the_own_store_are_there_and_lets_the_sample_out_of_the_verdict()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("Nothing of yours is watched yet.", page.Markup), Patience);
        Assert.Equal("Sample", page.Find("tbody .tag").TextContent);
        Assert.DoesNotContain("sample-archive", page.Find("[data-verdict]").TextContent);
    }

    [Fact]
    public async Task Shows_the_size_soon_and_says_what_is_wrong_when_the_file_is_gone()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Render<FleetPage>();
        page.WaitForAssertion(() => Assert.Contains("KiB", page.Find("tbody td.end").TextContent), Patience);

        SqliteConnection.ClearAllPools();
        File.Delete(shop.Location);

        page.WaitForAssertion(() => Assert.Contains("Critical", page.Find("tbody").TextContent), Patience);
        Assert.Contains("stale", page.Find("tbody td.end").ClassName);
        Assert.Contains("KiB", page.Find("tbody td.end").TextContent);
    }

    [Fact]
    public async Task Backs_up_with_one_click_and_shows_the_bar_in_the_row()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Render<FleetPage>();

        await page.ClickAsync("[aria-label='Back up shop now']");

        page.WaitForElement("tbody .bar", Patience);
        Assert.Equal(JobKeys.Backup, Assert.Single(Services.GetRequiredService<JobFeed>().Snapshot().Of(shop.Subject)).Job);
    }

    [Fact]
    public async Task Has_no_filter_for_a_handful()
    {
        await AddDatabaseAsync("shop");

        var page = Render<FleetPage>();

        page.WaitForElement("tbody tr", Patience);
        Assert.Empty(page.FindAll("[data-filter]"));
    }

    [Fact]
    public async Task Filters_while_somebody_types_and_keeps_the_words_in_the_address()
    {
        await AddManyAsync(9);
        var page = Render<FleetPage>();

        await page.TypeAsync("[data-filter] input", "db-7");

        page.WaitForAssertion(() => Assert.Equal("db-7", Assert.Single(page.FindAll("tbody .name")).TextContent), Patience);
        Assert.EndsWith("?q=db-7", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Equal("1 of 9 databases", page.Find("[data-filter] [role=status]").TextContent);
    }

    [Fact]
    public async Task Opens_filtered_by_its_address_and_says_when_nothing_fits()
    {
        await AddManyAsync(2);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?q=nowhere");

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("No database has “nowhere” in its name, place or tags.", page.Markup), Patience);
        await page.ClickAsync(".empty button");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count), Patience);
    }

    [Fact]
    public async Task Opens_one_menu_at_a_time_and_closes_it_by_Escape()
    {
        await AddManyAsync(2);
        var page = Render<FleetPage>();
        await page.ClickAsync("[aria-label='More for db-0']");
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".menu")), Patience);

        await page.ClickAsync("[aria-label='More for db-1']");
        page.WaitForAssertion(() => Assert.Equal("More for db-1", Assert.Single(page.FindAll("[aria-expanded=true]")).GetAttribute("aria-label")), Patience);
        await page.ActAsync("[aria-label='More for db-1']", element => element.KeyDown("Escape"));

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".menu")), Patience);
    }

    [Fact]
    public async Task Removes_the_sample_from_its_menu_and_brings_it_back_from_the_foot_of_the_page()
    {
        await Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
        var data = Services.GetRequiredService<DataFolder>();
        var page = Render<FleetPage>();
        await page.ClickAsync("[aria-label='More for sample-archive']");

        await page.ClickAsync(".menu button", "Remove sample");

        page.WaitForElement("[aria-label='Bring back sample-archive']", Patience);
        Assert.Empty(page.FindAll("tbody .tag"));
        Assert.False(File.Exists(data.SampleFile));

        await page.ClickAsync("[aria-label='Bring back sample-archive']");

        page.WaitForElement("tbody .tag", Patience);
        Assert.Empty(page.FindAll("#removed-title"));
        Assert.True(File.Exists(data.SampleFile));
    }

    [Fact]
    public async Task Keeps_a_removed_database_removed_when_the_same_file_was_registered_anew()
    {
        var shop = await AddDatabaseAsync("shop");
        await Services.GetRequiredService<RemoveDatabase>().RemoveAsync(Me, shop.Id, CancellationToken.None);
        var page = Render<FleetPage>();
        page.WaitForElement("[aria-label='Bring back shop']", Patience);
        await using (var store = await Services.GetRequiredService<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None))
        {
            store.Databases.Add(new Database { Id = Guid.NewGuid(), Slug = "twin", Name = "twin", Engine = shop.Engine, Location = shop.Location, AddedAt = shop.AddedAt });
            await store.SaveChangesAsync(CancellationToken.None);
        }

        await page.ClickAsync("[aria-label='Bring back shop']");

        page.WaitForAssertion(() => Assert.Contains("registered again", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message), Patience);
    }

    [Fact]
    public async Task Says_that_the_fleet_could_not_be_listed_and_tries_again()
    {
        await AddDatabaseAsync("shop");
        var file = Services.GetRequiredService<DataFolder>().StoreFile;
        Sql(file, "ALTER TABLE databases RENAME TO hidden");
        var page = Render<FleetPage>();
        page.WaitForAssertion(() => Assert.Contains("The fleet could not be listed.", page.Find("[role=alert]").TextContent), Patience);

        Sql(file, "ALTER TABLE hidden RENAME TO databases");
        await page.ClickAsync("[role=alert] button", "Try again");

        page.WaitForAssertion(() => Assert.Equal("shop", page.Find("tbody .name").TextContent), Patience);
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Fact]
    public async Task Draws_only_the_row_that_is_different_when_one_of_fifty_works()
    {
        await AddManyAsync(50);
        var page = Render<FleetPage>();
        page.WaitForAssertion(() => Assert.Equal(50, page.FindComponents<FleetLine>().Count), Patience);
        var lines = page.FindComponents<FleetLine>();
        var shop = lines[40].Instance.Row.Database;
        var run = Live(shop);
        Services.GetRequiredService<JobFeed>().Begin(run);
        page.WaitForAssertion(() => Assert.Contains("40 %", lines[40].Markup, StringComparison.Ordinal), Patience);
        var drawn = lines[10].RenderCount;
        var before = lines[40].RenderCount;

        Services.GetRequiredService<JobFeed>().Progress(run with { Fraction = 0.5 });

        page.WaitForAssertion(() => Assert.Contains("50 %", lines[40].Markup, StringComparison.Ordinal), Patience);
        Assert.True(lines[40].RenderCount > before);
        Assert.InRange(lines[10].RenderCount, drawn, drawn + 2);
    }

    [Fact]
    public async Task Shows_a_page_of_fifty_and_reads_only_those()
    {
        await AddManyAsync(120);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?page=3");

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal(20, page.FindAll("tbody tr").Count), Patience);
        page.WaitForAssertion(() => Assert.Equal(20, Services.GetRequiredService<LiveStates>().PollerCount), Patience);
        Assert.Equal("120", page.FindAll(".tiles strong")[1].TextContent);
    }

    [Fact]
    public async Task Is_sorted_and_filtered_by_its_address()
    {
        var small = await AddDatabaseAsync("small", "CREATE TABLE t(x)");
        var large = await AddDatabaseAsync("large", "CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(3000000))");
        var edit = Services.GetRequiredService<EditDatabase>();
        await edit.EditAsync(Me, large.Id, new DatabaseEdit("large", large.Location, null, false, "Production, eu"), CancellationToken.None);
        await edit.EditAsync(Me, small.Id, new DatabaseEdit("small", small.Location, null, false, "test"), CancellationToken.None);
        foreach (var database in new[] { small, large })
        {
            await Services.GetRequiredService<LiveStates>().ReadAsync(database, CancellationToken.None);
        }

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?sort=size");
        var page = Render<FleetPage>();
        page.WaitForAssertion(() => Assert.Equal(["large", "small"], Names(page)), Patience);
        page.WaitForAssertion(() => Assert.Equal("descending", page.Find("[aria-sort]").GetAttribute("aria-sort")), Patience);

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?sort=size&desc=false");
        page.WaitForAssertion(() => Assert.Equal(["small", "large"], Names(page)), Patience);

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?tag=production");
        page.WaitForAssertion(() => Assert.Equal(["large"], Names(page)), Patience);
        Assert.Equal(["eu", "production", "test"], page.FindAll(".tags .tag").Select(tag => tag.TextContent));

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?status=healthy");
        page.WaitForAssertion(() => Assert.Contains("No database is healthy.", page.Markup, StringComparison.Ordinal), Patience);

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?status=attention");
        page.WaitForAssertion(() => Assert.Equal(2, Names(page).Count), Patience);
    }

    [Fact]
    public async Task A_row_keeps_its_place_while_its_status_changes()
    {
        var shop = await AddDatabaseAsync("shop");
        await AddDatabaseAsync("archive");
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?status=attention");
        var page = Render<FleetPage>();
        page.WaitForAssertion(() => Assert.Equal(["archive", "shop"], Names(page)), Patience);

        Services.GetRequiredService<JobFeed>().Begin(Live(shop));

        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody .bar")), Patience);
        Assert.Equal(["archive", "shop"], Names(page));
    }

    private static IReadOnlyList<string> Names(IRenderedComponent<FleetPage> page) => [.. page.FindAll("tbody .name").Select(name => name.TextContent)];

    private static LiveRun Live(Database database) =>
        new(Guid.NewGuid(), JobKeys.Backup, "Back up", database.Subject, "Test", RunState.Running, "Copying", 0.4, 40, 100, null, null, true, false, null);

    private static void Sql(string file, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Rows of the store alone; their files are not there.</summary>
    private async Task AddManyAsync(int count)
    {
        await using var store = await Services.GetRequiredService<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(CancellationToken.None);
        store.Databases.AddRange(Enumerable.Range(0, count).Select(number => new Database
        {
            Id = Guid.NewGuid(),
            Slug = $"db-{number}",
            Name = $"db-{number}",
            Engine = "sqlite",
            Location = Path.Combine(Folder, $"{number}.sqlite"),
            AddedAt = TimeProvider.System.GetUtcNow(),
        }));
        await store.SaveChangesAsync(CancellationToken.None);
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(20);
}
