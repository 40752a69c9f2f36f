using System.Globalization;
using Dashboard.Postgres.Tests.Server;
using Microsoft.Playwright;
using Npgsql;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>A database with a partitioned table, a materialized view and a row that came past a valid key: one table in the list, an amber backup with the reason, and the way out.</summary>
public sealed class PartitionJourney : Journey
{
    private readonly string _name = $"parts_{Guid.NewGuid().ToString("N")[..8]}";

    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task A_row_past_a_valid_key_is_found_by_the_backup_and_removed_and_partitions_are_one_table()
    {
        await TestServer.CreateDatabaseAsync(_name);
        try
        {
            await ExecuteAsync(
                """
                CREATE TABLE customers (id int PRIMARY KEY);
                CREATE TABLE payment (id int, at date, customer int REFERENCES customers, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
                CREATE TABLE payment_2026_01 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                CREATE TABLE payment_2026_02 PARTITION OF payment FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
                INSERT INTO customers SELECT generate_series(1, 50);
                INSERT INTO payment SELECT i, date '2026-01-01' + i % 59, i % 50 + 1 FROM generate_series(1, 2000) i;
                CREATE MATERIALIZED VIEW totals AS SELECT customer, count(*) FROM payment GROUP BY customer;
                SET session_replication_role = replica;
                INSERT INTO payment VALUES (9001, '2026-01-05', 777);
                """);
            var page = await OpenAsync("/databases/add");
            await page.GetByText("PostgreSQL", new() { Exact = true }).ClickAsync();
            await page.GetByLabel("Connection string or URL").FillAsync(Url());
            await Expect(page.GetByText("Reads every table.")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Add database" }).ClickAsync();
            await page.GetByRole(AriaRole.Link, new() { Name = "Details" }).ClickAsync();
            await Expect(page.GetByText("1 row of payment references a parent missing in customers").First).ToBeVisibleAsync();
            await ShowAsync(page, "orphan-backup");

            await GoAsync(page, $"/databases/{Slug}/tables");
            var payment = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "payment" });
            await Expect(payment).ToHaveCountAsync(1);
            await Expect(payment).ToContainTextAsync("2,001");
            await ShowAsync(page, "partitioned-tables");
            await AccessibleAsync(page, "tables with a partitioned one");
            await payment.GetByRole(AriaRole.Link).First.ClickAsync();
            await Expect(page.GetByText("PARTITION BY RANGE").First).ToBeVisibleAsync();
            await ShowAsync(page, "partitioned-table");

            await GoAsync(page, $"/databases/{Slug}/maintenance");
            await Expect(page.GetByText("payment has no statistics as a whole")).ToBeVisibleAsync();
            await Expect(page.GetByText("1 foreign key counts as valid; only a check tells")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Run now: Check foreign keys" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Show what would be removed" }).ClickAsync();
            await Expect(page.GetByText("its parent is not there")).ToBeVisibleAsync();
            await ShowAsync(page, "orphan-rows");
            await AccessibleAsync(page, "orphaned rows under a valid key");
            await page.GetByRole(AriaRole.Button, new() { Name = "Remove these rows" }).ClickAsync();
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync(_name);
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove these rows" }).ClickAsync();
            await Expect(page.GetByText("Removed 1 row of payment.").First).ToBeVisibleAsync();
            var phone = await OpenAsync($"/databases/{Slug}/maintenance", ColorScheme.Dark, width: 390, height: 844);
            await Expect(phone.GetByText("payment has no statistics as a whole")).ToBeVisibleAsync();
            await ShowAsync(phone, "maintenance-phone-dark-partitions");
            ConsoleIsClean();
        }
        finally
        {
            await TestServer.DropDatabaseAsync(_name);
        }
    }

    private string Slug => _name.Replace('_', '-');

    private string Url()
    {
        var words = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name));
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{words.Username}:{Uri.EscapeDataString(words.Password!)}@{words.Host}:{words.Port}/{_name}?sslmode=verify-full&sslrootcert={words.RootCertificate}");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name)) { Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
