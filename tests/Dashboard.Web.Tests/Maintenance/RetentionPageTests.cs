using System.Globalization;
using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Retention;
using Dashboard.Web.Features.Databases;
using Dashboard.Web.Features.Maintenance;
using Dashboard.Web.Features.Maintenance.Retention;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Web.Tests.Maintenance;

public sealed class RetentionPageTests : PagesWithRuns
{
    /// <summary>A hundred rows, one a day until today; the first of them has no time.</summary>
    private const string Log =
        """
        CREATE TABLE app_log(id INTEGER PRIMARY KEY, created_at TEXT, level TEXT);
        CREATE TABLE notes(id INTEGER PRIMARY KEY, line INTEGER REFERENCES app_log(id));
        CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT);
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99) INSERT INTO app_log(created_at, level) SELECT datetime('now', '-10 minutes', '-' || (99 - i) || ' days'), 'info' FROM n;
        UPDATE app_log SET created_at = 'unknown' WHERE id = 1;
        INSERT INTO notes(line) VALUES (2);
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_rule_it_says_that_every_row_stays_and_offers_one()
    {
        var shop = await AddDatabaseAsync(sql: Log);
        var page = Show(shop);

        page.WaitForAssertion(() => Assert.Equal("No table has a rule yet: every row stays for ever.", page.Find(".empty p").TextContent), Patience);
        Assert.Equal("/databases/shop/maintenance/rows?table=", page.Find(".empty a").GetAttribute("href"));
        Assert.Empty(page.FindAll("table"));
        var tab = Render<MaintenancePage>(one => one.Add(p => p.Slug, shop.Slug));
        tab.WaitForAssertion(() => Assert.Equal("/databases/shop/maintenance/rows", tab.Find("a[href$='/maintenance/rows']").GetAttribute("href")), Patience);
        var table = Render<TablePage>(one => one.Add(p => p.Slug, shop.Slug).Add(p => p.TableWord, "app_log"));
        table.WaitForAssertion(() => Assert.Equal("for ever", table.Find("a[href$='rows?table=app_log']").TextContent), Patience);
    }

    [Fact]
    public async Task The_form_sees_the_time_counts_what_would_go_and_saves_the_rule()
    {
        var shop = await AddDatabaseAsync(sql: Log);
        var page = Show(shop, "app_log");
        page.WaitForAssertion(() => Assert.Contains("Seen from some of its rows: text, such as", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal("created_at", page.FindAll("select")[1].GetAttribute("value"));
        Assert.Equal("90", page.Find("input[type=number]").GetAttribute("value"));

        await page.ActAsync("input[type=number]", days => days.Change("60"));
        await page.ClickAsync("button", "Preview");
        page.WaitForAssertion(() => Assert.Contains("38 of 100 rows would go now: 38 %.", Text(page.Find("[data-preview]")), StringComparison.Ordinal), Patience);

        Assert.Contains("1 row whose created_at can't be read", Text(page.Find("[data-preview]")), StringComparison.Ordinal);
        Assert.Contains("1 row old enough that stays, because others refer to it.", Text(page.Find("[data-preview]")), StringComparison.Ordinal);
        Assert.Contains("notes has no index on line", Text(page.Find("[data-preview]")), StringComparison.Ordinal);
        await page.SubmitAsync();
        page.WaitForAssertion(() => Assert.EndsWith("/databases/shop/maintenance/rows", Get<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        var rule = Assert.Single(await Get<ReadRowRules>().ListAsync(Me, shop.Id, Cancel)).Rule;
        Assert.Equal(("app_log", "created_at", TimeKind.IsoText, 60, ArchiveKind.File, 50), (rule.Table, rule.Column, rule.Kind, rule.Days, rule.Archive, rule.MostPercent));
        page.WaitForAssertion(() => Assert.Contains("Rows older than 60 days by created_at go into a compressed file.", Text(page.Find("li.rule")), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task A_condition_that_does_more_than_choose_is_refused_in_words_and_nothing_is_saved()
    {
        var shop = await AddDatabaseAsync(sql: Log);
        var page = Show(shop, "app_log");

        await page.ActAsync("input[placeholder]", condition => condition.Change("1 = 1) OR (1 = 1"));
        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("A bracket is closed that was not opened.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(await Get<ReadRowRules>().ListAsync(Me, shop.Id, Cancel));
    }

    [Fact]
    public async Task Run_now_removes_the_rows_and_the_files_and_the_history_are_there()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: Log);
        await SaveAsync(shop, days: 60, ArchiveKind.File);
        var page = Show(shop);

        await page.ClickAsync("[aria-label='Run now: app_log']");

        page.WaitForAssertion(() => Assert.Contains("38 of 100", page.Find("table[aria-label='Removed rows']").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Contains("38", page.Find("table[aria-label='Archive files'] td[data-label=Rows]").TextContent, StringComparison.Ordinal), Patience);
        Assert.StartsWith("/api/rows/", page.Find("table[aria-label='Archive files'] a").GetAttribute("href"), StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("38 rows removed", page.Find("li.rule").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal(62, Count(shop));
    }

    [Fact]
    public async Task More_than_its_share_is_stopped_and_the_preview_offers_to_type_the_name()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: Log);
        await SaveAsync(shop, days: 10, ArchiveKind.Table);
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Run now: app_log']");
        page.WaitForAssertion(() => Assert.Contains("and the rule allows 50 %. Nothing was removed.", page.Markup, StringComparison.Ordinal), Patience);

        await page.ClickAsync("[aria-label='Preview: app_log']");

        page.WaitForAssertion(() => Assert.Contains("more than the 50 % of the rule", page.Find("[data-preview]").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Single(page.FindAll("button"), button => button.TextContent.Trim() == "Run it all the same…"), Patience);
        Assert.Equal(100, Count(shop));
    }

    [Fact]
    public async Task While_another_run_writes_no_rule_can_be_run_and_removing_one_takes_it_off_the_list()
    {
        var shop = await AddDatabaseAsync(sql: Log);
        await SaveAsync(shop, days: 60, ArchiveKind.File);
        await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new Core.Maintenance.MaintenanceArguments("quick-check"), Cancel);
        var page = Show(shop);
        page.WaitForAssertion(() => Assert.Equal("“Check shop quickly” is not finished yet.", page.Find("[aria-label='Run now: app_log']").GetAttribute("title")), Patience);

        await page.ClickAsync("[aria-label='Remove the rule: app_log']");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("li.rule")), Patience);
    }

    [Fact]
    public async Task A_table_that_can_not_be_looked_at_says_why_and_the_own_store_has_no_rules()
    {
        var shop = await AddDatabaseAsync(sql: Log);
        File.Delete(shop.Location);
        var page = Show(shop, "app_log");
        page.WaitForAssertion(() => Assert.Contains("The table could not be looked at.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);

        var own = Show(await AddOwnStoreAsync());
        own.WaitForAssertion(() => Assert.Contains("The dashboard keeps its own store in order", own.Find(".empty").TextContent, StringComparison.Ordinal), Patience);
    }

    private IRenderedComponent<RetentionPage> Show(Database database, string? table = null)
    {
        Get<NavigationManager>().NavigateTo(Urls.ForRetention(database.Slug, table));
        return Render<RetentionPage>(page => page.Add(p => p.Slug, database.Slug));
    }

    private Task<RowRule> SaveAsync(Database shop, int days, ArchiveKind archive) => Get<SaveRowRule>().SaveAsync(
        Me,
        shop,
        new RowRule { Id = Guid.Empty, DatabaseId = shop.Id, Table = "app_log", Column = "created_at", Kind = TimeKind.IsoText, Zone = "UTC", Days = days, Archive = archive, ArchiveTable = "app_log_archive", ChangedAt = default },
        Cancel);

    private static string Text(AngleSharp.Dom.IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static int Count(Database shop)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = shop.Location, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM app_log";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
