using Bunit;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class IndexesPageTests : PagesWithRuns
{
    private const string Contracts =
        """
        CREATE TABLE contracts (id INTEGER PRIMARY KEY, status TEXT);
        CREATE TABLE assessments (id INTEGER PRIMARY KEY, contract_id INTEGER REFERENCES contracts, email TEXT UNIQUE);
        CREATE INDEX idx_a ON contracts (status);
        CREATE INDEX idx_b ON contracts (status);
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Says_what_each_is_for_where_it_comes_from_and_which_could_go()
    {
        await AddDatabaseAsync("shop", Contracts);

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal("looks up contracts by status", Purpose(page, "idx_a")), Patience);
        Assert.Equal("the same as idx_a", Purpose(page, "idx_b"));
        Assert.Equal("keeps email unique in assessments", Purpose(page, "sqlite_autoindex_assessments_1"));
        Assert.Equal("idx_b", page.Find("[data-verdict=needless] .name").TextContent);
        Assert.Contains("from a unique constraint", page.Markup);
        Assert.Contains("assessments.contract_id points to contracts and has no index", page.Markup);
        Assert.Contains("run ANALYZE", page.Markup);
        Assert.NotNull(page.Find("[aria-label='Copy the statement that drops idx_b']"));
    }

    [Fact]
    public async Task One_that_is_made_or_dropped_elsewhere_comes_and_goes_by_itself()
    {
        var shop = await AddDatabaseAsync("shop", Contracts);
        var page = Open("shop");
        page.WaitForAssertion(() => Assert.NotNull(Purpose(page, "idx_b")), Patience);

        Write(shop, "CREATE INDEX joined ON assessments (contract_id); DROP INDEX idx_b");

        page.WaitForAssertion(() => Assert.Equal("joins assessments to contracts", Purpose(page, "joined")), TimeSpan.FromSeconds(6));
        Assert.Null(Purpose(page, "idx_b"));
        Assert.DoesNotContain("has no index", page.Markup);
    }

    [Fact]
    public async Task Shows_only_those_that_could_go_when_asked()
    {
        await AddDatabaseAsync("shop", Contracts);
        var page = Open("shop");
        page.WaitForElement(".only input", Patience);

        await page.SwitchAsync(".only input", true);

        page.WaitForAssertion(() => Assert.Equal("idx_b", Assert.Single(page.FindAll("tbody .name")).TextContent), Patience);
        Assert.EndsWith("?needless=true", Get<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Equal("1 of 3 indexes", page.Find(".filters [role=status]").TextContent);
    }

    [Fact]
    public async Task Says_that_there_are_none()
    {
        await AddDatabaseAsync("shop");

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Contains("There are no indexes yet.", page.Markup), Patience);
    }

    [Fact]
    public async Task Keeps_the_last_ones_greyed_with_the_reason_when_the_file_can_not_be_read()
    {
        var shop = await AddDatabaseAsync("shop", Contracts);
        var page = Open("shop");
        page.WaitForElement("tbody .name", Patience);

        SqliteConnection.ClearAllPools();
        File.Delete(shop.Location);

        page.WaitForAssertion(() => Assert.Contains("The indexes could not be read", page.Find("[role=alert]").TextContent), Patience);
        Assert.NotEmpty(page.FindAll(".table-wrap.stale tbody tr"));
    }

    private IRenderedComponent<IndexesPage> Open(string slug) => Render<IndexesPage>(parameters => parameters.Add(page => page.Slug, slug));

    private static string? Purpose(IRenderedComponent<IndexesPage> page, string index) =>
        page.FindAll("tbody tr").FirstOrDefault(row => row.QuerySelector(".name")!.TextContent == index)?.QuerySelector("[data-purpose]")!.TextContent;
}
