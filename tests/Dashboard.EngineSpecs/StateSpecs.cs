using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class StateSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_state_has_a_size_a_version_and_facts_with_different_keys()
    {
        var location = await Harness.CreateAsync();

        var state = await Engine.ReadStateAsync(location, Now);

        Assert.True(state.SizeBytes > 1_000_000);
        Assert.Contains(Engine.Description.Title, state.EngineVersion, StringComparison.Ordinal);
        Assert.NotEmpty(state.Facts);
        Assert.Equal(state.Facts.Count, state.Facts.Select(fact => fact.Key).Distinct().Count());
        Assert.All(state.Facts, fact => Assert.True(fact.Kind == FactKind.Text ? fact.Text is not null : fact.Number is not null, fact.Key));
    }

    [Fact]
    public async Task Watching_leaves_everything_as_it_was()
    {
        var location = await Harness.CreateAsync();
        var surroundings = await Harness.ListSurroundingsAsync(location);

        await Engine.ReadStateAsync(location, Now);
        await Engine.CountRowsAsync(location, TimeSpan.FromSeconds(10), Now);
        await Engine.CheckLocationAsync(location, Now);
        await Engine.FindUsersAsync(location, Now);
        await Engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now);
        await Engine.EstimateBackupAsync(location, Now);

        Assert.Equal(surroundings, await Harness.ListSurroundingsAsync(location));
    }

    [Fact]
    public async Task Every_table_is_counted_within_the_budget()
    {
        var location = await Harness.CreateAsync();

        var counts = await Engine.CountRowsAsync(location, TimeSpan.FromSeconds(10), Now);

        Assert.True(counts.IsComplete);
        Assert.True(counts.Total > 1000);
        Assert.Equal(counts.Tables.Select(table => table.Table).Order(StringComparer.Ordinal), counts.Tables.Select(table => table.Table));
    }

    [Fact]
    public async Task Without_a_budget_nothing_is_counted_and_that_is_said()
    {
        var location = await Harness.CreateAsync();

        var counts = await Engine.CountRowsAsync(location, TimeSpan.Zero, Now);

        Assert.False(counts.IsComplete);
        Assert.Empty(counts.Tables);
    }

    [Fact]
    public async Task A_backup_is_estimated_no_smaller_than_it_is()
    {
        var location = await Harness.CreateAsync();

        var estimate = await Engine.EstimateBackupAsync(location, Now);
        var (file, _) = await Harness.TakeBackupAsync(location);

        Assert.True(estimate.ContentBytes >= new FileInfo(file).Length);
    }

    [Fact]
    public async Task A_missing_database_is_said_to_be_missing()
    {
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Engine.ReadStateAsync(Harness.Nowhere, Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Engine.CountRowsAsync(Harness.Nowhere, TimeSpan.FromSeconds(1), Now));
    }

    [Fact]
    public async Task An_unreadable_database_is_said_to_be_damaged()
    {
        var location = await Harness.CreateAsync();
        await Harness.DestroyAsync(location);

        await Assert.ThrowsAsync<DatabaseDamagedException>(() => Engine.ReadStateAsync(location, Now));
        await Assert.ThrowsAsync<DatabaseDamagedException>(() => Engine.CountRowsAsync(location, TimeSpan.FromSeconds(1), Now));
    }

    [Fact]
    public async Task A_cancelled_question_has_no_answer()
    {
        var location = await Harness.CreateAsync();
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.ReadStateAsync(location, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.CountRowsAsync(location, TimeSpan.FromSeconds(1), cancelled));
    }
}
