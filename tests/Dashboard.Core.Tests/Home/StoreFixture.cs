using Dashboard.Core.Configuration;
using Dashboard.Core.Store;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Home;

/// <summary>A data folder of its own with a real, migrated SQLite store. It outlives the processes that a test starts and kills on it.</summary>
internal sealed class StoreFixture : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    /// <summary>Migrating takes longer than most tests: it is done once, and every test has its own copy of the file.</summary>
    private static readonly Lazy<Task<byte[]>> Migrated = new(MigrateAsync);

    public StoreFixture()
    {
        Folder = NewFolder();
        Data = DataFolder.Open(Path.Combine(Folder, "data"));
        File.WriteAllBytes(Data.StoreFile, Migrated.Value.GetAwaiter().GetResult());
        Stores = new FaultyStores(Data.StoreFile);
    }

    public string Folder { get; }

    public DataFolder Data { get; }

    /// <summary>For looking into the store; meets no faults.</summary>
    public FaultyStores Stores { get; }

    public FakeTimeProvider Time { get; } = new(Start);

    public T Look<T>(Func<DashboardStore, T> question)
    {
        using var store = Stores.CreateDbContext();
        return question(store);
    }

    public void Change(Action<DashboardStore> change)
    {
        using var store = Stores.CreateDbContext();
        change(store);
        store.SaveChanges();
    }

    public void Dispose()
    {
        Data.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("dashboard-core-").FullName;

    private static async Task<byte[]> MigrateAsync()
    {
        var folder = NewFolder();
        try
        {
            using var data = DataFolder.Open(folder);
            var stores = new FaultyStores(data.StoreFile);
            await SqliteStore.PrepareAsync(stores, data, TimeProvider.System, CancellationToken.None);
            await using var store = stores.CreateDbContext();
            await store.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            return await File.ReadAllBytesAsync(data.StoreFile);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
