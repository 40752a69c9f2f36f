using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class KnownTablesTests : SchemaTests
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_list_that_was_read_before_is_never_older_than_one_that_was_not()
    {
        await using var engine = new PostgresEngine(Harness, _clock);
        var location = await CreateAsync("CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, note text); INSERT INTO shop.orders SELECT g, 'note ' || g FROM generate_series(1, 2000) g", "VACUUM ANALYZE");
        var before = await ReadAsync(engine, location);

        foreach (var change in (string[])
        [
            "CREATE TABLE shop.customers (id int)",
            "CREATE INDEX orders_by_note ON shop.orders (note)",
            "INSERT INTO shop.orders SELECT g, repeat('long ', 100) || g FROM generate_series(3001, 6000) g; VACUUM ANALYZE shop.orders",
            "ALTER TABLE shop.orders ADD COLUMN body text; ALTER TABLE shop.orders ALTER body SET STORAGE EXTERNAL; UPDATE shop.orders SET body = repeat('x', 9000) WHERE id % 10 = 0; VACUUM ANALYZE shop.orders",
            "DROP INDEX shop.orders_by_note",
            "ALTER TABLE shop.customers RENAME TO buyers",
            "ALTER SCHEMA shop RENAME TO store",
            "DELETE FROM store.orders WHERE id > 500; VACUUM (ANALYZE) store.orders",
            "DROP TABLE store.buyers",
            "CREATE MATERIALIZED VIEW store.numbers AS SELECT id FROM store.orders WITH NO DATA",
            "REFRESH MATERIALIZED VIEW store.numbers; ANALYZE store.numbers",
        ])
        {
            foreach (var statement in change.Split("; "))
            {
                await ExecuteAsync(location, statement);
            }

            await using var newcomer = new PostgresEngine(Harness, _clock);
            var now = await ReadAsync(engine, location);
            Assert.Equal(await ReadAsync(newcomer, location), now);
            Assert.NotEqual(before, now);
            before = now;
        }
    }

    [Fact]
    public async Task Rows_that_came_are_seen_although_nothing_else_has_changed()
    {
        await using var engine = new PostgresEngine(Harness, _clock);
        var location = await CreateAsync("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 100)", "ANALYZE");
        await ReadAsync(engine, location);

        await ExecuteAsync(location, "INSERT INTO t SELECT generate_series(1, 50)");

        Assert.Equal(150, (await engine.ReadTablesAsync(location, TimeSpan.FromSeconds(1), Now)).Tables.Single().Rows!.Value);
    }

    [Fact]
    public async Task A_right_that_was_taken_away_is_missed_at_once()
    {
        await using var engine = new PostgresEngine(Harness, _clock);
        var location = await CreateAsync("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 100)", "ANALYZE");
        var role = Harness.OwnRole("guest");
        await ExecuteAsync(location, $"CREATE ROLE {role} LOGIN PASSWORD '{LocationText.Read(TestServer.Url).Password}'; GRANT SELECT ON t TO {role}");
        var guest = (PostgresLocation.Parse(location) with { User = role }).ToString();
        Assert.True((await engine.ReadTablesAsync(guest, TimeSpan.FromSeconds(1), Now)).Tables.Single().Rows!.IsExact);

        await ExecuteAsync(location, $"REVOKE SELECT ON t FROM {role}");

        Assert.False((await engine.ReadTablesAsync(guest, TimeSpan.FromSeconds(1), Now)).Tables.Single().Rows!.IsExact);
    }

    private static async Task<IReadOnlyList<(string Name, long? Rows, long? Data, long? Indexes, int IndexCount)>> ReadAsync(PostgresEngine engine, string location) =>
        [.. (await engine.ReadTablesAsync(location, TimeSpan.Zero, Now)).Tables.Select(table => (table.Name, table.Rows?.Value, table.DataBytes?.Value, table.IndexBytes?.Value, table.IndexCount))];
}
