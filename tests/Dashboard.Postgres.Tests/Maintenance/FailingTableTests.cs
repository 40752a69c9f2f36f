using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Tests.Schemas;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

/// <summary>
/// A table whose index calls a function that only the application's search_path can follow: the server refuses to sample it. It is named with the way out,
/// the others are done, and it is never taken for one that was dropped meanwhile.
/// </summary>
public sealed class FailingTableTests : SchemaTests
{
    /// <summary>What the function does, and what the server says of it.</summary>
    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var task in new[] { "vacuum", "analyze", "vacuum-full" })
            {
                cases.Add(task, "LANGUAGE sql IMMUTABLE AS 'SELECT helper($1)'", "function helper(text) does not exist");
                cases.Add(task, "LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT word FROM words LIMIT 1) || $1; END'", "relation \"words\" does not exist");
                cases.Add(task, "LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1::odd_text; END'", "type \"odd_text\" does not exist");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task One_is_named_with_the_way_out_and_the_others_are_done(string task, string function, string words)
    {
        var location = await CreateAsync(
            "CREATE FUNCTION helper(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'",
            "CREATE DOMAIN odd_text AS text",
            "CREATE TABLE words (word text)",
            "INSERT INTO words VALUES ('a')",
            $"CREATE FUNCTION key_of(text) RETURNS text {function}",
            "CREATE TABLE a_fails (v text)",
            "CREATE INDEX ON a_fails (key_of(v))",
            "INSERT INTO a_fails SELECT 'v' || i FROM generate_series(1, 500) i",
            "CREATE TABLE z_fine (v text)",
            "INSERT INTO z_fine SELECT 'v' || i FROM generate_series(1, 500) i");

        var result = await ((IMaintained)Engine).Tasks.Single(one => one.Description.Key == task).RunAsync(location, RunProgress.None, Now);

        Assert.Contains("2 tables.", result.Sentence, StringComparison.Ordinal);
        Assert.StartsWith($"1 table failed: a_fails: {words}", result.Problem, StringComparison.Ordinal);
        Assert.StartsWith("Let the function find its names: ALTER FUNCTION … SET search_path", result.NextStep, StringComparison.Ordinal);
        Assert.Single(result.Findings);
    }

    [Fact]
    public async Task A_build_that_fails_leaves_nothing_in_a_database_that_is_read_only_by_default()
    {
        var location = await CreateAsync("CREATE TABLE twice (v int)", "INSERT INTO twice VALUES (1), (1)");
        await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await Assert.ThrowsAsync<PostgresException>(() => PostgresHarness.ExecuteAsync(connection, "CREATE UNIQUE INDEX CONCURRENTLY twice_v ON twice (v)"));
        await PostgresHarness.ExecuteAsync(connection, $"ALTER DATABASE \"{PostgresHarness.DatabaseOf(location)}\" SET default_transaction_read_only = on");

        var result = await ((IMaintained)Engine).Tasks.Single(one => one.Description.Key == "reindex").RunAsync(location, RunProgress.None, Now);

        Assert.NotNull(result.Problem);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_class WHERE relname LIKE 'twice%ccnew%'", connection);
        Assert.Equal(0L, await command.ExecuteScalarAsync(Now));
    }
}
