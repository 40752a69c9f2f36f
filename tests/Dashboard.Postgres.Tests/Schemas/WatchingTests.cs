using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

[Collection(QuietServer.Name)]
public sealed class WatchingTests : SchemaTests
{
    [Fact]
    public async Task However_much_is_asked_a_server_has_two_sessions_of_ours()
    {
        List<string> locations = [];
        for (var number = 0; number < 5; number++)
        {
            locations.Add(await CreateAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)"));
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Now);
        var watching = Task.Run(async () =>
        {
            // A session that was left is seen for a moment longer, until its process has ended: on a busy machine for tens of milliseconds.
            var (most, any) = (0, false);
            IReadOnlyList<string> before = [];
            while (!over.IsCancellationRequested)
            {
                var seen = await PostgresHarness.TextsAsync("postgres", $"SELECT pid FROM pg_stat_activity WHERE application_name = 'dashboard' AND datname IN ('{string.Join("', '", locations.Select(PostgresHarness.DatabaseOf))}')");
                most = Math.Max(most, seen.Intersect(before).Count());
                any |= seen.Count > 0;
                before = seen;
                await Task.Delay(200, Now);
            }

            return (most, any);
        }, Now);

        for (var round = 0; round < 8; round++)
        {
            await Task.WhenAll(locations.SelectMany(location => new Task[]
            {
                Engine.ReadStateAsync(location, Now),
                Engine.ReadTablesAsync(location, TimeSpan.FromMilliseconds(250), Now),
                Engine.ReadIndexesAsync(location, Now),
                Engine.ReadTableAsync(location, "t", TimeSpan.FromMilliseconds(250), Now),
            }));
        }

        await over.CancelAsync();
        var (most, any) = await watching;
        Assert.True(any);
        Assert.InRange(most, 0, 2);
    }

    [Fact]
    public async Task A_change_that_is_seen_later_than_it_is_logged_makes_another_mark_when_it_is_seen()
    {
        var location = await CreateAsync("CREATE UNLOGGED TABLE t (id int)");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, "BEGIN; INSERT INTO t VALUES (1)");
        var open = await Engine.ReadMarkAsync(location, Now);

        await PostgresHarness.ExecuteAsync(other, "COMMIT");
        var committed = await Engine.ReadMarkAsync(location, Now);

        Assert.NotEqual(open, committed);
        Assert.NotEqual(open!.Split(' ')[2], committed!.Split(' ')[2]);
    }

    [Fact]
    public async Task Reading_makes_no_other_mark()
    {
        var location = await CreateAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)", "VACUUM ANALYZE", "CHECKPOINT");
        await ReadAllAsync();
        var before = await Engine.ReadMarkAsync(location, Now);

        await ReadAllAsync();

        Assert.Equal(before!.Split(' ')[..3], (await Engine.ReadMarkAsync(location, Now))!.Split(' ')[..3]);

        // The first of all tidies up pages of the catalogue.
        async Task ReadAllAsync()
        {
            await Engine.ReadTablesAsync(location, Plenty, Now);
            await Engine.ReadIndexesAsync(location, Now);
            await Engine.CountRowsAsync(location, Plenty, Now);
        }
    }
}
