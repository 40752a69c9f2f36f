using Dashboard.Core.Configuration;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Sqlite.Store;

/// <summary>The store in a file of the data folder, whose lock keeps other processes away.</summary>
internal sealed class SqliteStoreHome(IDbContextFactory<DashboardStore> stores, DataFolder data, TimeProvider time) : IStoreHome
{
    public string? File => data.StoreFile;

    public string Place => data.StoreFile;

    public bool IsAsLeft() => SqliteStore.IsAsLeft(data);

    public Task PrepareAsync(CancellationToken cancellationToken) => SqliteStore.PrepareAsync(stores, data, time, cancellationToken);
}
