using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Maintenance;
using Xunit;

namespace Dashboard.EngineSpecs;

/// <summary>SQL that a person typed, at each door: it is one statement that reads, it ends in its time, and costs this process next to nothing.</summary>
/// <remarks>Measures the memory of the whole process, so nothing else may run beside it.</remarks>
public abstract class TypedSqlSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private const long MostMemory = 32L << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IHealthChecked Checked => (IHealthChecked)Engine;

    private IIndexMaker Maker => (IIndexMaker)Engine;

    /// <summary>Selects one value of 500 MB.</summary>
    protected abstract string OneLargeValue { get; }

    /// <summary>Selects a gigabyte in rows of a megabyte.</summary>
    protected abstract string OneGigabyte { get; }

    /// <summary>Sessions or open files that the engine has at this database, beside those that it keeps for watching.</summary>
    protected abstract Task<int> CountSessionsAsync(string location);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [InlineData(";")]
    [InlineData("-- only words")]
    [InlineData("/* only words */ ;")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("SELECT 1;\n-- a comment\n;DELETE FROM orders")]
    [InlineData("SELECT 1 /* ; */; /* ; */ DROP TABLE orders")]
    [InlineData("SELECT 1) AS a; DELETE FROM orders; SELECT * FROM (SELECT 1")]
    public async Task A_text_without_a_statement_or_with_a_second_one_is_refused(string sql)
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadAllAsync(location);

        var refused = await Assert.ThrowsAsync<OwnQuestionException>(() => Checked.AskOwnAsync(location, sql, Limit, Now));
        await Assert.ThrowsAsync<DatabaseException>(() => Maker.CheckQueryAsync(location, sql, Now));

        Assert.StartsWith("The question was not run.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(all, await Harness.ReadAllAsync(location));
    }

    [Theory]
    [InlineData("SELECT COUNT(*) FROM orders;")]
    [InlineData("SELECT COUNT(*) FROM orders -- all of them")]
    [InlineData("SELECT COUNT(*) FROM orders ; -- all ; of them\n /* and ; */")]
    [InlineData("-- first\nSELECT COUNT(*) FROM orders WHERE 'a;b' <> ';' AND \"id\" > 0")]
    public async Task One_statement_may_have_comments_and_an_end(string sql)
    {
        var location = await Harness.CreateAsync();

        Assert.Equal(["1500"], Assert.Single((await Checked.AskOwnAsync(location, sql, Limit, Now)).Rows));
        await Maker.CheckQueryAsync(location, sql, Now);
    }

    [Fact]
    public async Task What_is_endless_or_huge_ends_in_time_and_costs_no_memory_and_no_session()
    {
        var location = await Harness.CreateAsync();
        await Checked.AskOwnAsync(location, "SELECT COUNT(*) FROM orders", Limit, Now);
        await Maker.MeasureQueryAsync(location, "SELECT COUNT(*) FROM orders", Now);
        var before = await CountSessionsAsync(location);

        string[] measured = [OneLargeValue, OneGigabyte, "SELECT COUNT(*) FROM orders a, orders b, orders c, orders d"];
        string[] asked =
        [
            .. measured,
            "SELECT a.id FROM orders a, orders b, orders c, orders d ORDER BY a.content, b.content",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
        ];
        foreach (var sql in asked)
        {
            await EndsAsync($"question: {sql}", Limit, () => Checked.AskOwnAsync(location, sql, Limit, Now));
            if (measured.Contains(sql))
            {
                await EndsAsync($"query: {sql}", QueryMeasure.MostOfARun * 2, () => Maker.MeasureQueryAsync(location, sql, Now));
            }

            for (var waited = 0; await CountSessionsAsync(location) > before; waited++)
            {
                Assert.True(waited < 50, $"A session stayed after: {sql}");
                await Task.Delay(100, Now);
            }
        }
    }

    /// <summary>An answer and a refusal are both an end.</summary>
    private static async Task EndsAsync(string what, TimeSpan limit, Func<Task> ask)
    {
        var memory = PeakMemory.Begin();
        var began = Stopwatch.GetTimestamp();
        try
        {
            await ask();
        }
        catch (DatabaseException)
        {
        }

        Assert.True(Stopwatch.GetElapsedTime(began) < limit + TimeSpan.FromSeconds(10), $"{what} took {Stopwatch.GetElapsedTime(began)}");
        Assert.True(memory.Grown < MostMemory, $"{what} took {memory.Grown >> 20} MiB");
    }
}
