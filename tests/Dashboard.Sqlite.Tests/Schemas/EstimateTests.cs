using Dashboard.Core.Databases;
using Dashboard.Sqlite.Tests.Faults;
using Dashboard.Sqlite.Tests.Pages;
using Xunit;

namespace Dashboard.Sqlite.Tests.Schemas;

public sealed class EstimateTests : IAsyncLifetime
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(20);

    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task What_is_called_exact_is_exact_and_the_rest_is_near()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var file = RandomSchema.Create(harness, seed);
            var (_, content) = await harness.TakeBackupAsync(file, cancellationToken: Now);
            var rows = content.Rows.ToDictionary(table => table.Table, table => table.Rows);

            foreach (var budget in new[] { TimeSpan.Zero, Plenty })
            {
                foreach (var table in (await harness.Engine.ReadTablesAsync(file, budget, Now)).Tables)
                {
                    Near(rows[table.Name], table.Rows!, $"rows of {table.Name}, seed {seed}");
                    Near(content.Sizes!.Single(size => size.Table is null && size.Name == table.Name).Bytes, table.DataBytes!, $"data of {table.Name}, seed {seed}");
                    Near(content.Sizes!.Where(size => size.Table == table.Name).Sum(size => size.Bytes), table.IndexBytes!, $"indexes of {table.Name}, seed {seed}");
                }
            }
        }
    }

    /// <summary>The last cell of a leaf ends with the page, and may be shorter than the head of any other.</summary>
    [Fact]
    public async Task An_index_of_small_numbers_has_a_size()
    {
        var file = harness.Create("small.db");
        SqliteHarness.Execute(file, "CREATE TABLE notes (id INTEGER PRIMARY KEY, contract_id INTEGER NOT NULL); CREATE INDEX notes_by_contract ON notes (contract_id); INSERT INTO notes VALUES (1, 1), (2, 1), (3, 2);");

        var notes = (await harness.Engine.ReadTablesAsync(file, Plenty, Now)).Tables.Single(table => table.Name == "notes");

        Assert.Equal(new Measure(4096, IsExact: true, notes.IndexBytes!.At), notes.IndexBytes);
    }

    [Fact]
    public async Task Rows_that_are_in_the_log_alone_are_seen_and_the_sizes_with_them()
    {
        var file = harness.Create("logged.db");
        using var application = SqliteHarness.Open(file);
        SqliteHarness.Execute(application, "PRAGMA wal_autocheckpoint = 0; CREATE TABLE late (id INTEGER PRIMARY KEY, content BLOB);");
        SqliteHarness.Execute(application, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO late SELECT i, randomblob(1000) FROM n");

        var late = (await harness.Engine.ReadTablesAsync(file, TimeSpan.Zero, Now)).Tables.Single(table => table.Name == "late");

        Assert.InRange(late.Rows!.Value, 1700, 2300);
        Assert.InRange(late.DataBytes!.Value, 2_000_000, 3_200_000);
    }

    [Fact]
    public async Task Deleted_rows_and_far_numbers_mislead_no_estimate()
    {
        var file = harness.Create("far.db");
        SqliteHarness.Execute(
            file,
            """
            CREATE TABLE far (id INTEGER PRIMARY KEY, content TEXT);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO far SELECT i * 40000000000, 'row number ' || i FROM n;
            ANALYZE;
            DELETE FROM far WHERE id > 40000000000 * 60000;
            """);

        var far = (await harness.Engine.ReadTablesAsync(file, TimeSpan.Zero, Now)).Tables.Single(table => table.Name == "far");

        Assert.False(far.Rows!.IsExact);
        Assert.InRange(far.Rows.Value, 54_000, 66_000);
    }

    [Fact]
    public async Task While_somebody_writes_nothing_is_torn()
    {
        var file = harness.Create("busy.db");
        await using var writer = await BusyWriter.StartAsync(file);
        for (var look = 0; look < 200; look++)
        {
            var list = await harness.Engine.ReadTablesAsync(file, look % 2 == 0 ? TimeSpan.Zero : Plenty, Now);

            Assert.All(list.Tables, table => Assert.True(table.Rows is null or { Value: >= 0 }));

            // One transaction writes both, so a moment in which they differ is none.
            var rows = list.Tables.Where(table => table.Name is "left" or "right" && table.Rows is { IsExact: true }).Select(table => table.Rows!.Value).ToList();
            Assert.True(rows.Count < 2 || rows[0] == rows[1], string.Join(" and ", rows));
        }
    }

    [Fact]
    public async Task Five_thousand_tables_are_quick()
    {
        var file = Path.Combine(harness.LiveFolder, "many.db");
        using (var connection = SqliteHarness.Open(file))
        {
            SqliteHarness.Execute(connection, "PRAGMA synchronous = OFF; BEGIN");
            for (var number = 0; number < 5000; number++)
            {
                SqliteHarness.Execute(connection, $"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, other INT REFERENCES t{number / 2}, at TEXT); CREATE INDEX i{number} ON t{number} (other); INSERT INTO t{number} (other) VALUES (1), (2)");
            }

            SqliteHarness.Execute(connection, "COMMIT");
        }

        var began = TimeProvider.System.GetTimestamp();
        var tables = await harness.Engine.ReadTablesAsync(file, TimeSpan.FromSeconds(1), Now);
        var indexes = await harness.Engine.ReadIndexesAsync(file, Now);
        var took = TimeProvider.System.GetElapsedTime(began);

        Assert.Equal((5000, 5000), (tables.Tables.Count, indexes.Indexes.Count));
        Assert.True(took < TimeSpan.FromSeconds(4), $"{took}");
    }

    private static void Near(long exact, Measure measure, string what)
    {
        if (measure.IsExact)
        {
            Assert.True(exact == measure.Value, $"{what}: {measure.Value} instead of {exact}");
        }
        else
        {
            Assert.True(measure.Value >= exact * 0.6 && measure.Value <= exact * 1.5, $"{what}: ≈ {measure.Value} for {exact}");
        }
    }
}
