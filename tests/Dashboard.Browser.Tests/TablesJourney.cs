using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

public sealed class TablesJourney : Journey
{
    private const string Absurd = "a/b \"c\" .. %2F 🦊";

    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task Rows_that_another_process_inserts_are_seen_within_five_seconds_and_nothing_jumps()
    {
        var page = await AddAsync(NewDatabase("crm.db", Crm));
        await page.GetByRole(AriaRole.Link, new() { Name = "Tables", Exact = true }).ClickAsync();
        await Expect(Row(page, "assessments")).ToContainTextAsync("3,000");
        await ShowAsync(page, "tables");
        await AccessibleAsync(page, "tables");

        Execute(File, "INSERT INTO contracts (customer_id, status, signed_at) VALUES (1, 'open', '2026-01-01'), (1, 'open', '2026-01-01');");

        await Expect(Row(page, "contracts")).ToContainTextAsync("602", new() { Timeout = 5_000 });
        await Expect(Row(page, "contracts").Locator(".changed").First).ToBeAttachedAsync();

        await Row(page, "people").HoverAsync();
        Execute(File, "CREATE TABLE large (content BLOB); INSERT INTO large VALUES (zeroblob(9000000)); INSERT INTO people (name, email) VALUES ('late', 'late@example');");
        await Expect(Row(page, "people")).ToContainTextAsync("201", new() { Timeout = 5_000 });
        await Expect(Row(page, "large")).ToHaveCountAsync(0);
        await ShowAsync(page, "tables-held");
        await AccessibleAsync(page, "tables with changes that wait");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("change.* – apply") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Tables" }).Locator("tbody tr").First).ToContainTextAsync("large");
        ConsoleIsClean();
    }

    [Fact]
    public async Task An_index_made_elsewhere_appears_with_its_purpose_and_goes_by_itself()
    {
        var page = await AddAsync(NewDatabase("crm.db", Crm));
        await page.GetByRole(AriaRole.Link, new() { Name = "Indexes", Exact = true }).ClickAsync();
        await Expect(page.GetByText("assessments.contract_id points to contracts and has no index")).ToBeVisibleAsync();
        await ShowAsync(page, "indexes");
        await AccessibleAsync(page, "indexes");

        Execute(File, "CREATE INDEX by_contract ON assessments (contract_id);");
        await Expect(page.GetByText("joins assessments to contracts")).ToBeVisibleAsync(new() { Timeout = 5_000 });
        await Expect(page.GetByText("assessments.contract_id points to contracts and has no index")).ToHaveCountAsync(0);

        await page.GetByLabel("Only those that could go").CheckAsync();
        await Expect(page.GetByText("the same as contracts_by_state")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("needless=true"));
        Execute(File, "DROP INDEX contracts_by_status;");
        await Expect(page.GetByText("the same as contracts_by_state")).ToHaveCountAsync(0, new() { Timeout = 5_000 });
        ConsoleIsClean();
    }

    [Fact]
    public async Task An_address_brings_back_order_filter_and_page_and_what_is_shown_can_be_taken_away()
    {
        var page = await AddAsync(NewDatabase("many.db", string.Concat(Enumerable.Range(1, 120).Select(number => $"CREATE TABLE item_{number} (id INTEGER PRIMARY KEY); INSERT INTO item_{number} DEFAULT VALUES;"))));
        await GoAsync(page, "/databases/many/tables");
        await page.GetByRole(AriaRole.Link, new() { Name = "Table", Exact = true }).ClickAsync();
        await page.GetByLabel("Filter by name").FillAsync("item_1");
        await Expect(page.GetByText("32 of 120 tables")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(Server.Address + "/databases/many/tables?sort=name&desc=false&filter=item_1");

        var shared = await OpenAsync(new Uri(page.Url).PathAndQuery);
        await Expect(shared.Locator("tbody tr").First).ToContainTextAsync("item_1");
        await Expect(shared.Locator("tbody tr").Nth(1)).ToContainTextAsync("item_10");
        var download = await shared.RunAndWaitForDownloadAsync(() => shared.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        Assert.Equal(33, (await System.IO.File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken)).Length);

        await GoAsync(shared, "/databases/many/tables?sort=name&desc=false&page=2");
        await Expect(shared.Locator("tbody tr").First).ToContainTextAsync("item_51");
        ConsoleIsClean();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_of_tables_can_be_used_by_everybody(ColorScheme scheme, int width)
    {
        var page = await AddAsync(NewDatabase("crm.db", Crm), scheme, width);
        await page.GetByRole(AriaRole.Button, new() { Name = "Back up now" }).ClickAsync();
        await Expect(page.GetByText("as in the snapshot")).ToBeVisibleAsync();
        foreach (var (name, path, words) in new[]
        {
            ("tables", "/databases/crm/tables", "people"),
            ("indexes", "/databases/crm/indexes", "keeps email unique in people"),
            ("table", "/databases/crm/tables/contracts", "date filter on contracts"),
            ("table-gone", "/databases/crm/tables/nothing-here", "There is no table called"),
        })
        {
            await GoAsync(page, path);
            await Expect(page.GetByText(words).First).ToBeVisibleAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await ShowAsync(page, $"{name}-{scheme.ToString().ToLowerInvariant()}-{width}");
            await AccessibleAsync(page, $"{name} {scheme} {width}");
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is wider than {width} pixels");
        }

        await GoAsync(page, "/databases/crm/tables");
        await page.GetByRole(AriaRole.Link, new() { Name = Absurd, Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = Absurd, Exact = true })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = Absurd, Exact = true })).ToBeVisibleAsync();
        ConsoleIsClean();
    }

    [Fact]
    public async Task A_large_table_is_estimated_and_counted_on_demand()
    {
        // Small pages, a row on each: more to read than the page's budget is for.
        var page = await AddAsync(NewDatabase("big.db", """
            PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;
            CREATE TABLE big (id INTEGER PRIMARY KEY, content BLOB);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700000) INSERT INTO big SELECT i, zeroblob(440) FROM n;
            """));
        await GoAsync(page, "/databases/big/tables");
        await Expect(Row(page, "big")).ToContainTextAsync("≈");
        await ShowAsync(page, "tables-estimate");

        await page.GetByRole(AriaRole.Button, new() { Name = "Count the rows of big" }).ClickAsync();

        await Expect(Row(page, "big")).ToContainTextAsync("700,000");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Count the rows of big" })).ToHaveCountAsync(0);
        await ShowAsync(page, "tables-counted");
        await AccessibleAsync(page, "tables with a count");
        ConsoleIsClean();
    }

    private const string Crm =
        """
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE contracts (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES people (id), status TEXT NOT NULL DEFAULT 'open', signed_at TEXT, value REAL, yearly REAL AS (value * 12) STORED);
        CREATE TABLE assessments (id INTEGER PRIMARY KEY, contract_id INTEGER NOT NULL REFERENCES contracts (id) ON DELETE CASCADE, grade INTEGER, remark TEXT);
        CREATE INDEX contracts_by_customer ON contracts (customer_id, signed_at DESC);
        CREATE INDEX contracts_by_date ON contracts (signed_at);
        CREATE INDEX contracts_by_status ON contracts (status);
        CREATE INDEX contracts_by_state ON contracts (status);
        CREATE INDEX contracts_open ON contracts (value) WHERE status = 'open';
        CREATE INDEX people_by_lower_email ON people (lower(email));
        CREATE INDEX people_by_name ON people (name);
        CREATE INDEX people_by_name_and_age ON people (name, created_at);
        CREATE TRIGGER assessed AFTER INSERT ON assessments BEGIN UPDATE contracts SET status = status WHERE id = NEW.contract_id; END;
        CREATE TABLE "a/b ""c"" .. %2F 🦊" (x);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO people (name, email) SELECT 'person ' || i, 'p' || i || '@example' FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO contracts (customer_id, status, signed_at, value) SELECT i % 200 + 1, CASE i % 3 WHEN 0 THEN 'open' ELSE 'closed' END, date('2024-01-01', i || ' days'), i FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO assessments (contract_id, grade, remark) SELECT i % 600 + 1, i % 6, 'a remark of some words, number ' || i FROM n;
        ANALYZE;
        """;

    private string File => Path.Combine(Folder, "crm.db");

    private static ILocator Row(IPage page, string text) => page.GetByRole(AriaRole.Table, new() { Name = "Tables" }).GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByRole(AriaRole.Link, new() { Name = text, Exact = true }) });

    private async Task<IPage> AddAsync(string file, ColorScheme scheme = ColorScheme.Light, int width = 1280)
    {
        var page = await OpenAsync("/databases/add?location=" + Uri.EscapeDataString(file), scheme, width, width < 700 ? 844 : 900);
        await Expect(page.GetByText("Journal mode")).ToBeVisibleAsync();
        await page.GetByLabel("Take the first backup now").SetCheckedAsync(false);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Tables", Exact = true })).ToBeVisibleAsync();
        return page;
    }
}
