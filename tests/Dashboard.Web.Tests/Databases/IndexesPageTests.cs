using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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

    private readonly AnsweringEngine _answers;

    public IndexesPageTests()
    {
        (var engine, _answers) = AnsweringEngine.Make();
        Services.RemoveAll<IDatabaseEngine>();
        Services.AddSingleton(engine);
    }

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

    [Fact]
    public async Task Says_how_often_each_was_used_where_the_engine_counts_that()
    {
        await AddDatabaseAsync("shop", Contracts);
        var since = new DateTimeOffset(2026, 3, 4, 5, 6, 0, TimeSpan.Zero);
        _answers.Tell = list => list with
        {
            StatisticsSince = since,
            Indexes = [.. list.Indexes.Select(index => index.Name == "idx_a" ? index with { Uses = 1200, LastUsedAt = TimeProvider.System.GetUtcNow().AddMinutes(-3) } : index with { Uses = 0 })],
        };

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Equal("1,200 scans last 3 min ago", Uses(page, "idx_a")), Patience);
        Assert.StartsWith("0 scans since 4 Mar", Uses(page, "sqlite_autoindex_assessments_1"), StringComparison.Ordinal);
        Assert.Contains("one that follows it counts its own", page.Find(".foot").TextContent);
        Assert.Equal("idx_b", page.Find("[data-verdict=needless] .name").TextContent);
    }

    [Fact]
    public async Task Says_nothing_of_use_where_it_is_not_counted()
    {
        await AddDatabaseAsync("shop", Contracts);

        var page = Open("shop");

        page.WaitForElement("tbody .name", Patience);
        Assert.Empty(page.FindAll("[data-uses]"));
        Assert.DoesNotContain(page.FindAll("th"), head => head.TextContent == "Used");
    }

    [Fact]
    public async Task Marks_one_that_was_not_built_to_its_end_with_what_to_do()
    {
        await AddDatabaseAsync("shop", Contracts);
        _answers.Tell = list => list with { Indexes = [.. list.Indexes.Select(index => index with { IsInvalid = index.Name == "idx_a" })] };

        var page = Open("shop");

        page.WaitForAssertion(() => Assert.Contains("no query uses it. Drop it and create it again", Assert.Single(page.FindAll("[data-invalid]")).TextContent), Patience);
        Assert.Equal("idx_a", page.Find("tr:has([data-invalid]) .name").TextContent);
        Assert.Equal("the same as idx_b", Purpose(page, "idx_a"));
    }

    private IRenderedComponent<IndexesPage> Open(string slug) => Render<IndexesPage>(parameters => parameters.Add(page => page.Slug, slug));

    private static string? Purpose(IRenderedComponent<IndexesPage> page, string index) =>
        page.FindAll("tbody tr").FirstOrDefault(row => row.QuerySelector(".name")!.TextContent == index)?.QuerySelector("[data-purpose]")!.TextContent;

    private static string? Uses(IRenderedComponent<IndexesPage> page, string index) =>
        page.FindAll("tbody tr").FirstOrDefault(row => row.QuerySelector(".name")!.TextContent == index)?.QuerySelector("[data-uses]") is { } cell
            ? string.Join(' ', cell.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            : null;
}
