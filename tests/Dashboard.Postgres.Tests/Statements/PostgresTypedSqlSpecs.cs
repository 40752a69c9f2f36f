using Dashboard.EngineSpecs;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Statements;

[Collection(QuietServer.Name)]
public sealed class PostgresTypedSqlSpecs() : TypedSqlSpecs(new PostgresHarness())
{
    protected override string OneLargeValue => "SELECT repeat('x', 500000000)";

    protected override string OneGigabyte => "SELECT repeat('x', 1000000) FROM generate_series(1, 1100)";

    protected override async Task<int> CountSessionsAsync(string location) => int.Parse(
        (await PostgresHarness.TextsAsync("postgres", $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{PostgresHarness.DatabaseOf(location)}' AND backend_type = 'client backend'"))[0],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The server repeats the value in its error.</summary>
    [Fact]
    public async Task An_error_about_a_large_value_is_told_in_short()
    {
        var location = await Harness.CreateAsync();

        var failed = await Assert.ThrowsAsync<Core.Health.OwnQuestionException>(
            () => ((Core.Health.IHealthChecked)Engine).AskOwnAsync(location, "SELECT repeat('x', 1000000)::int", TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        Assert.InRange(failed.Message.Length, 1, 500);
    }
}
