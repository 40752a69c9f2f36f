using Dashboard.Core.Health;
using Dashboard.EngineSpecs;
using Xunit;

namespace Dashboard.Sqlite.Tests.Statements;

/// <summary>Tests that measure the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietProcess
{
    public const string Name = "quiet process";
}

[Collection(QuietProcess.Name)]
public sealed class SqliteTypedSqlSpecs() : TypedSqlSpecs(new SqliteHarness())
{
    protected override string OneLargeValue => "SELECT hex(zeroblob(250000000))";

    protected override string OneGigabyte => "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) SELECT randomblob(1000000) || i FROM n ORDER BY 1";

    /// <summary>A file that somebody has open.</summary>
    protected override Task<int> CountSessionsAsync(string location) => Task.FromResult(
        OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Count(file => Target(file) == location) : 0);

    /// <summary>Null where it was closed meanwhile.</summary>
    private static string? Target(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [Theory]
    [InlineData("SELECT zeroblob(500000000)")]
    [InlineData("SELECT content FROM large")]
    [InlineData("SELECT substr(content, 1, 10) FROM large")]
    [InlineData("SELECT group_concat(content) FROM (SELECT substr(content, 1, 1000000) AS content FROM middling)")]
    public async Task A_value_that_is_too_long_is_refused_and_its_length_is_told(string sql)
    {
        var location = await Harness.CreateAsync();
        await Harness.RunSqlAsync(location, "CREATE TABLE large (content); INSERT INTO large VALUES (zeroblob(200000000)); CREATE TABLE middling (content); INSERT INTO middling WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT hex(randomblob(1000000)) FROM n");
        var asking = (IHealthChecked)Engine;
        await asking.AskOwnAsync(location, "SELECT length(content) FROM large", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        var memory = PeakMemory.Begin();

        var refused = await Assert.ThrowsAsync<OwnQuestionException>(() => asking.AskOwnAsync(location, sql, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        Assert.Contains("longer than ", refused.Message, StringComparison.Ordinal);
        Assert.True(memory.Grown < 32 << 20, $"{memory.Grown}");
        Assert.Equal("200000000", (await asking.AskOwnAsync(location, "SELECT length(content) FROM large", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Rows[0][0]);
    }

    [Fact]
    public async Task Many_values_that_are_kept_at_once_end_it()
    {
        var location = await Harness.CreateAsync();
        var kept = string.Join(", ", Enumerable.Range(1, 90).Select(number => $"group_concat(randomblob(40000) || {number})"));
        var memory = PeakMemory.Begin();

        await Assert.ThrowsAsync<Core.Databases.DatabaseBusyException>(() => ((IHealthChecked)Engine).AskOwnAsync(location, $"SELECT {kept} FROM (SELECT 1 FROM orders LIMIT 80)", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        Assert.True(memory.Grown < 48 << 20, $"{memory.Grown}");
    }
}
