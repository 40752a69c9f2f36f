using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Dashboard.Web.Features.Maintenance;
using Microsoft.EntityFrameworkCore;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Maintenance;

public sealed class MaintenancePageTests : PagesWithRuns
{
    private const string HalfEmpty =
        """
        CREATE TABLE files(id INTEGER PRIMARY KEY, body BLOB);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 800) INSERT INTO files SELECT i, randomblob(3000) FROM n;
        DELETE FROM files WHERE id > 400;
        """;

    private const string Orphaned =
        """
        PRAGMA foreign_keys = OFF;
        CREATE TABLE customers(id INTEGER PRIMARY KEY);
        CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id));
        CREATE TABLE items(id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders(id));
        CREATE TABLE notes(id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES orders(id) ON DELETE SET NULL);
        INSERT INTO notes VALUES (1, 11), (2, 12), (3, 10);
        INSERT INTO customers VALUES (1);
        INSERT INTO orders VALUES (10, 1), (11, 7), (12, 8);
        INSERT INTO items VALUES (100, 10), (101, 11);
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_what_each_task_would_bring_and_marks_those_that_are_worth_it()
    {
        var page = Show(await AddDatabaseAsync(sql: HalfEmpty));

        page.WaitForAssertion(() => Assert.Equal("1 task is worth it now.", page.Find("[data-sentence]:not(span)").TextContent), Patience);
        var vacuum = Card(page, "Vacuum");
        Assert.Contains("are free pages: would give back about 5", vacuum, StringComparison.Ordinal);
        Assert.Contains("Worth it now", vacuum, StringComparison.Ordinal);
        Assert.DoesNotContain("Worth it now", Card(page, "Check foreign keys"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_unsafe_says_why_and_has_no_button_that_works()
    {
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(shop.Location)!, $".{Path.GetFileName(shop.Location)}-litestream"));

        var page = Show(shop);

        page.WaitForAssertion(() => Assert.Contains("Litestream replicates this database", Card(page, "Vacuum"), StringComparison.Ordinal), Patience);
        Assert.True(page.Find("[aria-label='Run now: Vacuum']").HasAttribute("disabled"));
        Assert.Contains("Litestream", page.Find("[aria-label='Run now: Vacuum']").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_now_gives_the_room_back_and_the_history_says_how_much()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        var before = new FileInfo(shop.Location).Length;
        var page = Show(shop);

        await page.ClickAsync("[aria-label='Run now: Vacuum']");

        page.WaitForAssertion(() => Assert.Contains("Written anew.", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
        Assert.True(new FileInfo(shop.Location).Length < before * 6 / 10);
        page.WaitForAssertion(() => Assert.Contains("gave back", Card(page, "Vacuum"), StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Equal("Nothing needs to be done now.", page.Find("[data-sentence]:not(span)").TextContent), Patience);
    }

    [Fact]
    public async Task While_another_run_writes_no_task_can_be_started()
    {
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments("quick-check"), Cancel);

        var page = Show(shop);

        page.WaitForAssertion(() => Assert.Equal("“Check shop quickly” is not finished yet.", page.Find("[aria-label='Run now: Vacuum']").GetAttribute("title")), Patience);
        Assert.All(page.FindAll("[aria-label^='Run now']"), button => Assert.True(button.HasAttribute("disabled")));
    }

    [Fact]
    public async Task All_at_once_does_what_is_worth_it_and_says_what_was_left_out()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: HalfEmpty);

        var run = await EndAsync(await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments(null), Cancel));

        Assert.Equal((RunState.Succeeded, "Maintain shop"), (run.Run.State, run.Run.Title));
        Assert.Contains("Vacuum: Written anew.", run.Run.Summary, StringComparison.Ordinal);
        Assert.Contains("Full integrity check: Sound", run.Run.Summary, StringComparison.Ordinal);
        Assert.Contains("Left out: Update statistics, Empty the log", run.Run.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orphans_are_counted_and_shown_one_by_one()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: Orphaned);

        var run = await EndAsync(await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments("foreign-keys"), Cancel));
        var page = Show(shop);

        Assert.Equal((RunState.SucceededWithWarnings, "2 rows of orders name parents that are not there."), (run.Run.State, EngineLines.Sentence(run.Run.Problem!)));
        Assert.StartsWith("orders → customers: 2 rows", Assert.Single(EngineLines.Of(run.Run.Problem!)), StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("orders → customers: 2 rows (rowid 11, 12)", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Orphans_are_shown_with_what_goes_along_and_removed_once_the_name_is_typed()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: Orphaned);
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var page = Show(shop);
        page.WaitForElement("li.task", Patience);
        Assert.Empty(page.FindAll("[aria-labelledby='orphans-title']"));
        await page.ClickAsync("[aria-label='Run now: Check foreign keys']");

        await page.ClickAsync("[aria-labelledby='orphans-title'] button", "Show what would be removed");
        page.WaitForAssertion(() => Assert.Equal(
            ["orders customers its parent is not there 2", "items orders goes along: its parent is one of these rows 1", "notes orders stays, order emptied: its parent is one of these rows 2"],
            page.FindAll("table[aria-label='Rows that would be removed'] tbody tr").Select(row => string.Join(' ', row.Children.Select(cell => cell.TextContent)))), Patience);
        Assert.Contains("2 rows stay: the foreign key says so (ON DELETE SET NULL).", page.Find("[aria-labelledby='orphans-title']").TextContent, StringComparison.Ordinal);
        var removing = PressAsync(page, "[aria-labelledby='orphans-title'] button", "Remove these rows");
        dialogs.WaitForElement("#confirm-name");
        Assert.Contains("3 rows of orders and items go. 2 rows of notes stay with an empty key. A copy is kept in ", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.InvokeAsync(() => dialogs.Find("#confirm-name").Input("shop"));
        await PressAsync(dialogs, "button", "Remove these rows");
        await removing;

        page.WaitForAssertion(() => Assert.Contains("Removed 3 rows of orders and items. Emptied the key of 2 rows of notes. A copy of them lies in ", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-labelledby='orphans-title']")), Patience);
        var rows = await Get<EngineCatalog>().For(shop).CountRowsAsync(shop.Location, Patience, Cancel);
        Assert.Equal((1, 1, 1, 3), (Rows(rows, "customers"), Rows(rows, "items"), Rows(rows, "orders"), Rows(rows, "notes")));
    }

    [Fact]
    public async Task Where_every_orphan_stays_the_button_says_that_keys_are_emptied()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: "PRAGMA foreign_keys = OFF; CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a INTEGER REFERENCES a ON DELETE SET NULL); INSERT INTO b VALUES (7);");
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Run now: Check foreign keys']");
        await page.ClickAsync("[aria-labelledby='orphans-title'] button", "Show what would be removed");
        page.WaitForAssertion(() => Assert.Contains("1 row stays: the foreign key says so", page.Find("[aria-labelledby='orphans-title']").TextContent, StringComparison.Ordinal), Patience);

        var emptying = PressAsync(page, "[aria-labelledby='orphans-title'] button", "Empty these keys");
        dialogs.WaitForElement("#confirm-name");
        await dialogs.InvokeAsync(() => dialogs.Find("#confirm-name").Input("shop"));
        await PressAsync(dialogs, "button", "Empty these keys");
        await emptying;

        page.WaitForAssertion(() => Assert.Contains("Emptied the key of 1 row of b. A copy of it lies in ", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task One_index_is_chosen_from_the_list_and_rebuilt_alone()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: "CREATE TABLE t (a, b); CREATE INDEX t_a ON t (a); CREATE INDEX t_b ON t (b);");
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Only one: Rebuild indexes']");
        page.WaitForAssertion(() => Assert.Equal(["table t", "index t_a", "index t_b"], page.FindAll("#targets-reindex option").Select(option => option.GetAttribute("value"))), Patience);
        await page.TypeAsync("form[aria-label='Rebuild indexes: only one'] input", "index t_c");
        page.WaitForAssertion(() => Assert.True(page.Find("form[aria-label='Rebuild indexes: only one'] button").HasAttribute("disabled")), Patience);
        await page.TypeAsync("form[aria-label='Rebuild indexes: only one'] input", "index t_b");

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("Built 1 index anew.", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(page.FindAll("form"));
    }

    [Fact]
    public async Task Damage_fails_the_run_and_says_what_to_do()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        await using (var file = File.OpenWrite(shop.Location))
        {
            file.Position = 40_960;
            file.Write(new byte[8192]);
        }

        var run = await EndAsync(await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments("integrity-check"), Cancel));

        Assert.Equal(RunState.Failed, run.Run.State);
        Assert.StartsWith("Restore a backup", run.Run.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_is_set_from_the_row_with_its_next_times_and_runs_that_task()
    {
        await StartRunsAsync();
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        var page = Show(shop);
        await page.ClickAsync("[aria-label='Schedule: Vacuum']");
        await page.ActAsync("form[aria-label='Schedule of Vacuum'] select", choice => choice.Change("Daily"));
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("form[aria-label='Schedule of Vacuum'] time").Count), Patience);

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("every day at 03:30, next", Card(page, "Vacuum"), StringComparison.Ordinal), Patience);
        await MakeDueAsync();
        Assert.Equal(1, await Get<QueueDueSchedules>().QueueAsync(Cancel));
        page.WaitForAssertion(() => Assert.Contains("Written anew.", page.Find("table[aria-label='Done maintenance']").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task A_plan_that_makes_no_sense_says_so_and_cannot_be_saved()
    {
        var page = Show(await AddDatabaseAsync(sql: HalfEmpty));
        await page.ClickAsync("[aria-label='Schedule: Vacuum']");
        await page.ActAsync("form[aria-label='Schedule of Vacuum'] select", choice => choice.Change("Cron"));

        await page.TypeAsync("form[aria-label='Schedule of Vacuum'] input", "99 2 * * *");

        page.WaitForAssertion(() => Assert.Contains("“99 2 * * *” is no plan", page.Find("form p").TextContent, StringComparison.Ordinal), Patience);
        Assert.True(page.Find("form button[type=submit]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_schedule_that_meets_another_run_waits_for_its_end()
    {
        var shop = await AddDatabaseAsync(sql: HalfEmpty);
        await Get<SetSchedule>().SetAsync(Me, shop.Subject, JobKeys.Maintenance, isOn: true, "30 3 * * *", "Etc/UTC", Cancel, new MaintenanceArguments("vacuum"));
        await MakeDueAsync();
        await Get<AskForRun>().AskAsync(Me, JobKeys.Maintenance, shop.Subject, new MaintenanceArguments("quick-check"), Cancel);

        Assert.Equal(0, await Get<QueueDueSchedules>().QueueAsync(Cancel));
        await StartRunsAsync();

        await Task.Run(async () =>
        {
            while (await Get<QueueDueSchedules>().QueueAsync(Cancel) == 0)
            {
                await Task.Delay(50, Cancel);
            }
        }, Cancel).WaitAsync(Patience, Cancel);
    }

    private IRenderedComponent<MaintenancePage> Show(Database database) => Render<MaintenancePage>(page => page.Add(p => p.Slug, database.Slug));

    private static long Rows(RowCounts counts, string table) => counts.Tables.Single(row => row.Table == table).Rows;

    private static string Card(IRenderedComponent<MaintenancePage> page, string title) =>
        page.FindAll("li.task").First(card => card.QuerySelector("h3")!.TextContent.Trim().StartsWith(title, StringComparison.Ordinal)).TextContent;

    /// <summary>The clock can't be moved here, so the due time is.</summary>
    private async Task MakeDueAsync()
    {
        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(Cancel);
        var due = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await store.Schedules.ExecuteUpdateAsync(schedule => schedule.SetProperty(row => row.NextAt, due), Cancel);
    }
}
