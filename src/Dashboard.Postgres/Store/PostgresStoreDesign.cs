using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dashboard.Postgres.Store;

/// <summary>For the migrations tool; the database is never opened.</summary>
public sealed class PostgresStoreDesign : IDesignTimeDbContextFactory<DashboardStore>
{
    public DashboardStore CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        PostgresStore.Use(options, new StoreServer(StoreServer.Read("Host=localhost;Database=design")));
        return new DashboardStore(options.Options);
    }
}
