using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dashboard.Sqlite.Store;

/// <summary>For the migrations tool; the database is never opened.</summary>
public sealed class SqliteStoreDesign : IDesignTimeDbContextFactory<DashboardStore>
{
    public DashboardStore CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(options, ":memory:");
        return new DashboardStore(options.Options);
    }
}
