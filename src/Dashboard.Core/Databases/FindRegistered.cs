using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>The database that a run is to work on.</summary>
internal static class FindRegistered
{
    /// <exception cref="DatabaseException">When it was removed since the run was asked for.</exception>
    public static async Task<Database> RunAsync(IDbContextFactory<DashboardStore> stores, Guid databaseId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.Databases.AsNoTracking().FirstOrDefaultAsync(database => database.Id == databaseId && database.RemovedAt == null, cancellationToken)
            ?? throw new DatabaseException("This database is no longer registered.", "Add it again, or bring it back under “Recently removed”.");
    }
}
