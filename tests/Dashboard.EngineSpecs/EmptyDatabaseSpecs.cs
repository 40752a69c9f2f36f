using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.EngineSpecs;

/// <summary>A database without any table can be registered and backed up; both say that it may be the wrong one.</summary>
public abstract class EmptyDatabaseSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_amber_when_it_is_added_and_in_its_backup()
    {
        var location = await Harness.CreateAsync();
        await Harness.RunSqlAsync(location, "DROP TABLE orders; DROP TABLE customers; DROP TABLE empty");

        var check = await Engine.CheckLocationAsync(location, Now);
        var (_, content) = await Harness.TakeBackupAsync(location, cancellationToken: Now);

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Contains(check.Facts, fact => fact.Verdict == LocationVerdict.Warning && fact.Value.EndsWith(EmptyDatabase.Sentence, StringComparison.Ordinal));
        Assert.Equal([EmptyDatabase.Sentence], content.Notes);
        Assert.Empty(content.Warnings);
    }

    [Fact]
    public async Task One_empty_table_is_enough_to_be_one_that_is_meant()
    {
        var location = await Harness.CreateAsync();
        await Harness.RunSqlAsync(location, "DROP TABLE orders; DROP TABLE customers");

        var check = await Engine.CheckLocationAsync(location, Now);
        var (_, content) = await Harness.TakeBackupAsync(location, cancellationToken: Now);

        Assert.DoesNotContain(check.Facts, fact => fact.Value.EndsWith(EmptyDatabase.Sentence, StringComparison.Ordinal));
        Assert.Empty(content.Notes);
    }
}
