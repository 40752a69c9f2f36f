using Dashboard.Sqlite.Samples;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Sqlite.Tests.Samples;

public sealed class SampleArchiveTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Archive => Path.Combine(harness.LiveFolder, "sample-archive.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task It_has_the_rows_indexes_orphans_and_free_pages_that_the_pages_show()
    {
        await SampleArchive.CreateAsync(Archive, time, Now);

        var rows = (await harness.Engine.CountRowsAsync(Archive, TimeSpan.FromSeconds(10), Now)).Tables.ToDictionary(table => table.Table, table => table.Rows);
        var state = await harness.Engine.ReadStateAsync(Archive, Now);
        Assert.Equal([Archive], Directory.GetFiles(harness.LiveFolder));
        Assert.Equal((29, 20, 20, 20, 41, 6, 0), (rows["contracts"], rows["metadata"], rows["context"], rows["assessments"], rows["clauses"], rows["risk_assessments"], rows["negotiations"]));
        Assert.Equal("17", SqliteHarness.Text(Archive, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"));
        Assert.NotEqual("0", SqliteHarness.Text(Archive, "SELECT COUNT(*) FROM pragma_foreign_key_check"));
        Assert.True(state.Facts.Single(fact => fact.Key == "free").Number > 500_000);
        Assert.InRange(state.SizeBytes, 6_000_000, 9_000_000);
        Assert.Equal("wal", SqliteHarness.Text(Archive, "PRAGMA journal_mode"));
        Assert.Equal("ok", SqliteHarness.Text(Archive, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task It_is_the_same_each_time()
    {
        var other = Path.Combine(harness.LiveFolder, "other.db");
        await SampleArchive.CreateAsync(Archive, time, Now);
        await SampleArchive.CreateAsync(other, time, Now);

        Assert.Equal(SqliteHarness.ReadAll(Archive), SqliteHarness.ReadAll(other));
    }

    [Fact]
    public async Task It_never_overwrites_and_leaves_nothing_half_done()
    {
        await File.WriteAllTextAsync(Archive, "mine", Now);

        await Assert.ThrowsAsync<IOException>(() => SampleArchive.CreateAsync(Archive, time, Now));

        Assert.Equal("mine", await File.ReadAllTextAsync(Archive, Now));
        Assert.Equal([Archive], Directory.GetFiles(harness.LiveFolder));
    }

    [Fact]
    public async Task Breaking_it_makes_a_difference_that_is_said_in_a_sentence()
    {
        await SampleArchive.CreateAsync(Archive, time, Now);

        var said = await SampleArchive.BreakAsync(Archive, Now);

        Assert.StartsWith("Deleted 14 contracts and 21 clauses", said, StringComparison.Ordinal);
        Assert.Equal("15", SqliteHarness.Text(Archive, "SELECT COUNT(*) FROM contracts"));
        Assert.Equal("ok", SqliteHarness.Text(Archive, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task It_can_be_deleted_with_its_sidecars()
    {
        var sample = new SqliteSample(time);
        await sample.CreateAsync(Archive, Now);
        using (var application = SqliteHarness.Open(Archive))
        {
            SqliteHarness.Execute(application, "DELETE FROM clauses");
            await sample.DeleteAsync(Archive, Now);
        }

        Assert.Empty(Directory.GetFiles(harness.LiveFolder));
    }
}
