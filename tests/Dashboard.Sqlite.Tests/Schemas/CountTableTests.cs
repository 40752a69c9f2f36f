using System.Diagnostics;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Schemas;

public sealed class CountTableTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task A_long_count_tells_how_far_it_is_and_does_not_keep_a_writer_waiting()
    {
        var file = harness.Create("shop.db", orders: 60_000);
        SqliteHarness.Execute(file, "DROP INDEX orders_by_customer");
        var progress = new WatchedProgress();

        var counting = harness.Engine.CountTableAsync(file, "orders", progress, Now);
        SqliteHarness.Execute(file, "INSERT INTO customers (name) VALUES ('meanwhile')");

        Assert.Equal(60_000, (await counting).Value);

        // An idle database is looked at without locks, and once more with them when somebody turned up meanwhile.
        var phase = progress.Phases[^1];
        Assert.InRange(phase.DoneBytes, phase.TotalBytes!.Value / 2, phase.TotalBytes.Value * 3 / 2);
    }

    [Fact]
    public async Task Cancelled_midway_it_lets_go_at_once()
    {
        var file = harness.Create("shop.db", orders: 60_000);
        SqliteHarness.Execute(file, "DROP INDEX orders_by_customer");
        using var person = new ImpatientPerson(0, waitsForReport: true);
        long pressed = 0;
        person.Token.Register(() => pressed = Stopwatch.GetTimestamp());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Engine.CountTableAsync(file, "orders", person, person.Token));

        Assert.InRange(Stopwatch.GetElapsedTime(pressed).TotalMilliseconds, 0, 500);
    }

    [Fact]
    public async Task A_budget_holds_within_a_single_large_table_too()
    {
        var file = harness.Create("wide.db", pageSize: 512, orders: 120_000);
        SqliteHarness.Execute(file, "DROP INDEX orders_by_customer");
        var began = Stopwatch.GetTimestamp();

        var counts = await harness.Engine.CountRowsAsync(file, TimeSpan.FromMilliseconds(1), Now);

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
        Assert.False(counts.IsComplete);
    }
}
