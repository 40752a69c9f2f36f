using Dashboard.Core.Configuration;
using Dashboard.Core.Metrics;
using Dashboard.Postgres.Metrics;
using Dashboard.Postgres.Store;
using Dashboard.Postgres.Tests.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Home;

/// <summary>A migrated store on PostgreSQL, with the members of the class of this name in Dashboard.Core.Tests.</summary>
internal sealed class TestStore : IDisposable
{
    // On the pool's threads: those of the tests would wait for themselves.
    private readonly MigratedDatabase _database = Task.Run(MigratedDatabase.CreateAsync).GetAwaiter().GetResult();

    public TestStore(DataFolder data) => Assert.False(System.IO.File.Exists(data.StoreFile));

    public string? File { get; }

    public void Use(DbContextOptionsBuilder options) => PostgresStore.Use(options, _database.Server);

    public ISampleStore OpenSamples() => new PostgresSampleStore(_database.Server);

    public static (string Begin, string End) RefuseInserts(string table) =>
    (
        $"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
        CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse();
        """,
        "DROP FUNCTION refuse CASCADE");

    public void Dispose() => Task.Run(async () => await _database.DisposeAsync()).GetAwaiter().GetResult();
}
