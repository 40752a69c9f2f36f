using System.Diagnostics;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class EstimateTests : SchemaTests
{
    private const string Flush = "SELECT pg_stat_force_next_flush()";

    [Fact]
    public async Task Rows_that_came_since_the_last_analyze_are_followed()
    {
        var location = await CreateAsync("CREATE TABLE log (id int); INSERT INTO log SELECT generate_series(1, 20000)", "ANALYZE", "INSERT INTO log SELECT generate_series(1, 10000)", Flush);

        var log = await FindAsync(location, "log", TimeSpan.Zero);

        Assert.False(log.Rows!.IsExact);
        Assert.InRange(log.Rows.Value, 29_500, 30_500);
        Assert.Equal(await SizeAsync(location, "pg_relation_size('log')"), log.DataBytes!.Value);
    }

    [Fact]
    public async Task Statistics_that_were_lost_are_not_believed()
    {
        var location = await CreateAsync("CREATE TABLE log (id int); INSERT INTO log SELECT generate_series(1, 20000)", "ANALYZE", Flush);
        await ExecuteAsync(location, "SELECT pg_stat_reset()");
        await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(connection, "INSERT INTO log SELECT generate_series(1, 5)");
        await PostgresHarness.ExecuteAsync(connection, Flush);

        var log = await FindAsync(location, "log", TimeSpan.Zero);

        Assert.InRange(log.Rows!.Value, 19_000, 21_000);
    }

    [Fact]
    public async Task Nothing_is_made_up_of_a_table_that_nothing_is_known_of()
    {
        var location = await CreateAsync("CREATE TABLE log (id int); INSERT INTO log SELECT generate_series(1, 20000)", Flush);
        await ExecuteAsync(location, "SELECT pg_stat_reset()");

        var log = await FindAsync(location, "log", TimeSpan.Zero);

        Assert.Null(log.Rows);
        Assert.True(log.DataBytes!.Value > 700_000);
        Assert.Equal((20_000, true), await FindAsync(location, "log") is { Rows: { } rows } ? (rows.Value, rows.IsExact) : default);
    }

    [Fact]
    public async Task Long_values_count_though_only_a_vacuum_would_count_their_pages()
    {
        var location = await CreateAsync(
            "CREATE TABLE papers (id int PRIMARY KEY, content text); ALTER TABLE papers ALTER content SET STORAGE EXTERNAL; INSERT INTO papers SELECT i, repeat(md5(i::text), 1000) FROM generate_series(1, 100) i",
            "ANALYZE",
            Flush);

        var papers = await FindAsync(location, "papers", TimeSpan.Zero);

        Assert.InRange(papers.DataBytes!.Value, 3_200_000, await SizeAsync(location, "pg_table_size('papers')"));
    }

    [Fact]
    public async Task Two_thousand_tables_in_many_schemas_are_a_handful_of_questions()
    {
        var location = await CreateAsync(
            """
            DO $$ BEGIN
                FOR s IN 1..100 LOOP
                    EXECUTE format('CREATE SCHEMA tenant_%s', s);
                    FOR t IN 1..20 LOOP
                        EXECUTE format('CREATE TABLE tenant_%s.table_%s (id int PRIMARY KEY)', s, t);
                    END LOOP;
                END LOOP;
            END $$
            """);
        var questions = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => questions += activity.TagObjects.Any(tag => tag.Key == "db.query.text") && activity.TagObjects.Any(tag => Equals(tag.Value, PostgresHarness.DatabaseOf(location))) ? 1 : 0,
        };
        ActivitySource.AddActivityListener(listener);

        var estimated = await Engine.ReadTablesAsync(location, TimeSpan.Zero, Now);
        var asked = questions;
        var counted = await Engine.ReadTablesAsync(location, Plenty, Now);

        Assert.Equal(2000, estimated.Tables.Count);
        Assert.InRange(asked, 1, 5);
        Assert.InRange(questions - asked, 40, 60);
        Assert.All(counted.Tables, table => Assert.True(table.Rows!.IsExact, table.Name));
        Assert.Equal(2000, (await Engine.ReadIndexesAsync(location, Now)).Indexes.Count);
    }

    private static async Task<long> SizeAsync(string location, string size) => long.Parse((await TextsAsync(location, $"SELECT {size}"))[0], System.Globalization.CultureInfo.InvariantCulture);
}
