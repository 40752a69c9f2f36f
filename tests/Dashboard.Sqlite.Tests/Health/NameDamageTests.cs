using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.Health;

/// <summary>Wherever a file is damaged, the sentence names the first table concerned, and the engine's lines stand below it.</summary>
public sealed class NameDamageTests : IAsyncDisposable
{
    private const int PageSize = 4096;
    private readonly SqliteHarness harness = new("delete");

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>Name of the tree, how many pages after its first, where in that page; and the table that is meant.</summary>
    public static TheoryData<string, int, int, string> Places => new()
    {
        { "orders", 0, 0, "orders" },
        { "orders", 2, 0, "orders" },
        { "orders_by_customer", 0, 0, "orders" },
        { "odd \"name\"\nof two lines", 0, 0, "odd \"name\"␤of two lines" },
        { "select", 0, 0, "select" },
        { "keyed", 0, 0, "keyed" },
        { "🐘", 0, 0, "🐘" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_first_table_concerned_is_in_the_sentence(string tree, int pages, int offset, string table)
    {
        var file = await DamageAsync(tree, pages, offset);

        var answer = await LookAsync(file);

        Assert.Equal(HealthVerdict.Fail, answer.Verdict);
        Assert.Matches($"^Damage found in table {System.Text.RegularExpressions.Regex.Escape(table)}( and \\d+ more)?\\.$", EngineLines.Sentence(answer.Evidence));
        Assert.NotEmpty(EngineLines.Of(answer.Evidence));
        Assert.DoesNotContain("*** in database", answer.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_backup_that_fails_of_it_says_the_same(string tree, int pages, int offset, string table)
    {
        var file = await DamageAsync(tree, pages, offset);

        var fault = await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.Engine.WriteBackupAsync(
            file, new BackupStaging(Path.Combine(harness.Folder, "work"), Stream.Null), RunProgress.None, Now));

        Assert.StartsWith($"Damage found in table {table}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("No backup was taken.", EngineLines.Sentence(fault.Message), StringComparison.Ordinal);
        Assert.NotEmpty(EngineLines.Of(fault.Message));
    }

    [Fact]
    public async Task An_index_without_one_of_its_rows_names_the_table_of_the_index()
    {
        var file = harness.Create("shop.db");
        await harness.RunSqlAsync(
            file,
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = 'CREATE INDEX orders_by_customer ON orders (id + 1)' WHERE name = 'orders_by_customer';
            """);

        var task = ((IMaintained)harness.Engine).Tasks.Single(task => task.Description.Key == "integrity-check");
        var result = await task.RunAsync(file, RunProgress.None, Now);

        Assert.Equal("Damage found in table orders.", result.Problem);
        Assert.NotEmpty(result.Findings);
    }

    [Fact]
    public async Task A_schema_that_can_not_be_read_names_the_file()
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Overwrite(file, 100, 300);

        var fault = await Assert.ThrowsAsync<DatabaseDamagedException>(() => harness.Engine.ReadTablesAsync(file, TimeSpan.FromSeconds(1), Now));

        Assert.Equal($"Damage found in {file}.", EngineLines.Sentence(fault.Message));
        Assert.NotEmpty(EngineLines.Of(fault.Message));
    }

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    private async Task<string> DamageAsync(string tree, int pages, int offset)
    {
        var file = harness.Create("shop.db");
        await harness.RunSqlAsync(
            file,
            """
            CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
            CREATE TABLE "select" (a, b);
            CREATE TABLE "🐘" (a, b);
            CREATE TABLE "odd ""name""
            of two lines" (a, b);
            """);
        foreach (var table in new[] { "keyed", "\"select\"", "\"🐘\"", "\"odd \"\"name\"\"\nof two lines\"" })
        {
            await harness.RunSqlAsync(file, $"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO {table} SELECT i, hex(randomblob(60)) FROM n;");
        }

        var root = RootOf(file, tree);
        SqliteHarness.Overwrite(file, (root - 1 + pages) * PageSize + offset, 200);
        return file;
    }

    private static long RootOf(string file, string tree)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT rootpage FROM sqlite_schema WHERE name = $name";
        command.Parameters.AddWithValue("$name", tree);
        return (long)command.ExecuteScalar()!;
    }

    private Task<HealthAnswer> LookAsync(string file)
    {
        var check = ((IHealthChecked)harness.Engine).HealthChecks.Single(check => check.Description.Key == HealthKeys.Integrity);
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = "sqlite", Location = file, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, new Dictionary<string, string> { ["depth"] = "full" }), RunProgress.None), Now);
    }
}
