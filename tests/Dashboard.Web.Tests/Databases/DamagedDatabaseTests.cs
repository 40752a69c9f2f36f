using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Features.Activity;
using Dashboard.Web.Features.Databases;
using Dashboard.Web.Features.Health;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

/// <summary>A damaged database is one sentence, a button and a fold, on each page that speaks of it.</summary>
public sealed class DamagedDatabaseTests : PagesWithRuns
{
    private const string Rows =
        """
        CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO orders SELECT i, hex(randomblob(100)) FROM n;
        """;

    [Fact]
    public async Task Its_head_is_one_sentence_with_the_table_and_the_button_leads_to_the_last_good_backup()
    {
        var shop = await AddDatabaseAsync("shop", Rows);
        await StartRunsAsync();
        var good = await BackUpAsync(shop);
        Damage(shop);
        await RunAsync(JobKeys.Health, shop);

        var page = Render<OverviewPage>(parameters => parameters.Add(p => p.Slug, "shop"));

        page.WaitForAssertion(() => Assert.Equal(Urls.ForRestorePlan("shop", good.Id), page.Find("[data-restore-last-good]").GetAttribute("href")));
        Assert.Matches("^Integrity: Damage found in table orders\\. Found .* ago\\.$", page.Find("[data-sentence]").TextContent);
        Assert.Contains("2,000 rows", page.Find(".notice.bad").TextContent);
        Assert.NotEmpty(page.FindAll(".notice.bad details:not([open]) li"));
    }

    [Fact]
    public async Task A_damaged_or_missing_or_deleted_backup_is_not_offered()
    {
        var shop = await AddDatabaseAsync("shop", Rows);
        await StartRunsAsync();
        var good = await BackUpAsync(shop);
        var damaged = await BackUpAsync(shop);
        var missing = await BackUpAsync(shop);
        var deleted = await BackUpAsync(shop);
        await Get<DeleteBackup>().DeleteAsync(Me, deleted.Id, null, CancellationToken.None);
        File.Delete(FileOf(missing));
        var bytes = await File.ReadAllBytesAsync(FileOf(damaged), CancellationToken.None);
        bytes[^9] ^= 0xFF;
        await File.WriteAllBytesAsync(FileOf(damaged), bytes, CancellationToken.None);
        await EndAsync(await Get<AskForRestore>().CheckAsync(Me, damaged.Id, CancellationToken.None));

        var last = await Get<ReadBackups>().FindLastGoodAsync(Me, shop.Id, CancellationToken.None);

        Assert.Equal(good.Id, last!.Backup.Id);
    }

    [Fact]
    public async Task Without_a_good_backup_it_says_so_and_offers_none()
    {
        var shop = await AddDatabaseAsync("shop", Rows);
        await StartRunsAsync();
        Damage(shop);
        var run = await RunAsync(JobKeys.Backup, shop);

        var page = Render<OverviewPage>(parameters => parameters.Add(p => p.Slug, "shop"));

        page.WaitForAssertion(() => Assert.Contains("There is no good backup to restore.", page.Markup));
        Assert.Empty(page.FindAll("[data-restore-last-good]"));
        Assert.StartsWith("Damage found in table orders. No backup was taken.", run.Run.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_and_the_check_keep_the_lines_in_a_fold()
    {
        var shop = await AddDatabaseAsync("shop", Rows);
        await StartRunsAsync();
        Damage(shop);
        var run = await RunAsync(JobKeys.Health, shop);

        var page = Render<RunPage>(parameters => parameters.Add(p => p.RunId, run.Run.Id));
        var health = Render<HealthPage>(parameters => parameters.Add(p => p.Slug, "shop"));

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".notice.bad details:not([open]) li")));
        health.WaitForAssertion(() => Assert.NotEmpty(health.FindAll("[data-check=integrity] .engine-output li")));
        Assert.DoesNotContain("Tree ", health.Find("[data-check=integrity] .what > p").TextContent);
    }

    [Theory]
    [InlineData("Backed up and checked 3 min ago.", 0, 0)]
    [InlineData("Its last good backup is 3 days old and no daily backup is switched on. Look at it.", 1, 1)]
    [InlineData("The last backup failed 3 min ago: could not write to /srv/backups/of/some/thing/that/is/long: no space left on the device, 1.2 GB needed. Delete older backups, or choose another folder in the settings.", 1, 0)]
    public void A_sentence_that_may_need_more_than_two_lines_can_be_unfolded(string sentence, int folds, int foldsOfPhone)
    {
        var head = Render<HeadSentence>(parameters => parameters.Add(p => p.Text, sentence));

        Assert.Equal(sentence, head.Find(".clamp").TextContent);
        Assert.Equal((folds, foldsOfPhone), (head.FindAll("details").Count, head.FindAll("details.on-phone").Count));
    }

    /// <summary>In the middle of the table's own pages.</summary>
    private static void Damage(Database database)
    {
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database.Location, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT rootpage FROM sqlite_schema WHERE name = 'orders'";
            var root = (long)command.ExecuteScalar()!;
            connection.Close();
            using var file = File.OpenWrite(database.Location);
            file.Position = (root + 3) * 4096;
            file.Write(new byte[200]);
        }
    }
}
