using Dashboard.Core.Configuration;
using Dashboard.Core.Store;
using Dashboard.Core.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Core.Tests.Home;

/// <summary>A data folder of its own with a real, migrated store. It outlives the processes that a test starts and kills on it.</summary>
internal sealed class StoreFixture : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    public StoreFixture()
    {
        Folder = NewFolder();
        Data = DataFolder.Open(Path.Combine(Folder, "data"));
        Store = new TestStore(Data);
        Stores = new FaultyStores(Store.Use);
    }

    public string Folder { get; }

    public DataFolder Data { get; }

    public TestStore Store { get; }

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
        Store.Dispose();
        Data.Dispose();
        DeleteFolder();
    }

    /// <summary>A house that was killed hears of no stop: what its clock writes at this moment may be a file more than was just removed.</summary>
    private void DeleteFolder()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 10 && Directory.Exists(Folder))
            {
                Thread.Yield();
            }
        }
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("dashboard-core-").FullName;
}
