using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class HealthSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IHealthChecked Checked => (IHealthChecked)Engine;

    [Fact]
    public void Every_check_describes_itself_under_a_key_of_its_own()
    {
        var all = Checked.HealthChecks.Select(check => check.Description).ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all.Count, all.Select(check => check.Key).Distinct().Count());
        Assert.Contains(all, check => check.IsCritical);
        Assert.All(all, check =>
        {
            Assert.All(new[] { check.Title, check.LooksAt }, words => Assert.False(string.IsNullOrWhiteSpace(words)));
            Assert.InRange(check.Key.Length, 1, 40);
            Assert.Equal(check.Fields.Count, check.Fields.Select(field => field.Key).Distinct().Count());
            Assert.All(check.Fields, field => Assert.Null(field.FindFault(field.Default)));
        });
    }

    [Fact]
    public async Task A_database_that_is_well_passes_every_check_and_is_left_as_it_was()
    {
        var location = await Harness.CreateAsync();
        var (all, beside) = (await Harness.ReadAllAsync(location), await Harness.ListSurroundingsAsync(location));

        foreach (var check in Checked.HealthChecks)
        {
            var answer = await LookAsync(check, location);

            // Statistics may be missing in a new database: that is a finding, and says so.
            Assert.True(answer.Verdict == HealthVerdict.Pass || (check.Description.Key == "statistics" && answer.Verdict == HealthVerdict.Warn), $"{check.Description.Key}: {answer.Evidence}");
            Assert.EndsWith(".", answer.Evidence.TrimEnd(')'), StringComparison.Ordinal);
        }

        Assert.Equal(all, await Harness.ReadAllAsync(location));
        Assert.Equal(beside.Select(Name), (await Harness.ListSurroundingsAsync(location)).Select(Name));

        static string Name(string line) => line.Split(' ')[0];
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_no_pass_and_not_made()
    {
        foreach (var check in Checked.HealthChecks)
        {
            await Assert.ThrowsAnyAsync<DatabaseException>(() => LookAsync(check, Harness.Nowhere));
        }

        await Assert.ThrowsAsync<DatabaseMissingException>(() => Checked.AskOwnAsync(Harness.Nowhere, "SELECT 1", Long, Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => LookAsync(Checked.HealthChecks[0], Harness.Nowhere));
    }

    [Fact]
    public async Task A_question_of_ones_own_is_answered_with_its_first_rows()
    {
        var location = await Harness.CreateAsync();

        var some = await AskAsync(location, "SELECT id, name FROM customers ORDER BY id;");
        var none = await AskAsync(location, "SELECT id FROM customers WHERE id > 1000");
        var number = await AskAsync(location, "SELECT COUNT(*), NULL, 1.5 FROM orders -- all of them");

        Assert.Equal((OwnAnswer.MostRows, true), (some.Rows.Count, some.HasMore));
        Assert.Equal(["1", "customer 1"], some.Rows[0]);
        Assert.Equal((0, false), (none.Rows.Count, none.HasMore));
        Assert.Equal(["1500", null, "1.5"], Assert.Single(number.Rows));
    }

    [Theory]
    [InlineData("DELETE FROM orders")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("SELECT 1) AS a; DELETE FROM orders; SELECT * FROM (SELECT 1")]
    [InlineData("COMMIT; DELETE FROM orders")]
    [InlineData("WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone")]
    [InlineData("CREATE TABLE made (id int)")]
    [InlineData("DROP TABLE orders")]
    [InlineData("UPDATE orders SET id = 1")]
    public async Task A_question_that_would_change_something_changes_nothing(string sql)
    {
        var location = await Harness.CreateAsync();
        var all = await Harness.ReadAllAsync(location);

        try
        {
            // What comes after the first statement may never be reached; then the first may be answered.
            await AskAsync(location, sql);
        }
        catch (OwnQuestionException)
        {
        }

        Assert.Equal(all, await Harness.ReadAllAsync(location));
    }

    [Theory]
    [InlineData("SELECT * FROM nothing_of_the_kind")]
    [InlineData("SELEC 1")]
    [InlineData("DELETE FROM orders")]
    public async Task A_question_that_is_refused_says_why(string sql)
    {
        var location = await Harness.CreateAsync();

        var refused = await Assert.ThrowsAsync<OwnQuestionException>(() => AskAsync(location, sql));

        Assert.False(string.IsNullOrWhiteSpace(refused.Message));
        Assert.StartsWith("Correct the question", refused.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_takes_too_long_is_given_up()
    {
        var location = await Harness.CreateAsync();
        const string Endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

        await Assert.ThrowsAsync<DatabaseBusyException>(() => Checked.AskOwnAsync(location, Endless, TimeSpan.FromSeconds(1), Now));

        using var person = CancellationTokenSource.CreateLinkedTokenSource(Now);
        person.CancelAfter(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Checked.AskOwnAsync(location, Endless, Long, person.Token));
    }

    protected Task<HealthAnswer> LookAsync(IHealthCheck check, string location, params (string Key, string Value)[] values)
    {
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = Engine.Description.Key, Location = location, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Now);
    }

    protected Task<HealthAnswer> LookAsync(string check, string location, params (string Key, string Value)[] values) =>
        LookAsync(Checked.HealthChecks.Single(one => one.Description.Key == check), location, values);

    private Task<OwnAnswer> AskAsync(string location, string sql) => Checked.AskOwnAsync(location, sql, Long, Now);
}
