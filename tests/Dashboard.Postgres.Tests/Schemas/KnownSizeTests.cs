using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class KnownSizeTests : SchemaTests
{
    [Fact]
    public async Task The_size_that_the_overview_has_asked_for_serves_the_list_of_tables_for_five_seconds()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var engine = new PostgresEngine(Harness, clock);
        var location = await CreateAsync("CREATE TABLE t (id int)");
        var before = (await engine.ReadStateAsync(location, Now)).SizeBytes;

        await ExecuteAsync(location, "INSERT INTO t SELECT generate_series(1, 200000)");

        Assert.Equal(before, (await engine.ReadTablesAsync(location, TimeSpan.Zero, Now)).TotalBytes);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.InRange((await engine.ReadTablesAsync(location, TimeSpan.Zero, Now)).TotalBytes, before + 5_000_000, long.MaxValue);
    }
}
