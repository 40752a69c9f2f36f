using Dashboard.Core.Configuration;
using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Metrics;
using Dashboard.Sqlite.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Home;

/// <summary>
/// A migrated store on the engine that these tests run on, here SQLite. Dashboard.PostgresStore.Tests compiles the same tests with the
/// class of this name that it brings itself.
/// </summary>
internal sealed class TestStore : IDisposable
{
    /// <summary>Migrating takes longer than most tests: it is done once, and every test has its own copy of the file.</summary>
    private static readonly Lazy<Task<byte[]>> Migrated = new(MigrateAsync);

    public TestStore(DataFolder data)
    {
        File = data.StoreFile;
        System.IO.File.WriteAllBytes(File, Migrated.Value.GetAwaiter().GetResult());
    }

    /// <summary>Null where the store is on a server.</summary>
    public string? File { get; }

    public void Use(DbContextOptionsBuilder options) => SqliteStore.Use(options, File!);

    public ISampleStore OpenSamples() => new SqliteSampleStore(File!);

    /// <summary>A statement after which no row of this table is taken, as on a full disk; and the one that ends it.</summary>
    public static (string Begin, string End) RefuseInserts(string table) =>
        ($"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END", "DROP TRIGGER refuse");

    public void Dispose()
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        Use(options);
        using var store = new DashboardStore(options.Options);
        SqliteConnection.ClearPool((SqliteConnection)store.Database.GetDbConnection());
    }

    private static async Task<byte[]> MigrateAsync()
    {
        var folder = StoreFixture.NewFolder();
        try
        {
            using var data = DataFolder.Open(folder);
            var stores = new Fakes.FaultyStores(options => SqliteStore.Use(options, data.StoreFile));
            await SqliteStore.PrepareAsync(stores, data, TimeProvider.System, CancellationToken.None);
            await using var store = stores.CreateDbContext();
            await store.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            return await System.IO.File.ReadAllBytesAsync(data.StoreFile);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
