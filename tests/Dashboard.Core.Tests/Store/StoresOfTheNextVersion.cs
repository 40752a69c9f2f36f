using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Dashboard.Core.Tests.Store;

/// <summary>The store as a version would open it that has one migration more than <see cref="First"/>.</summary>
internal sealed class StoresOfTheNextVersion(string file) : IDbContextFactory<DashboardStore>
{
    public DashboardStore CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<DashboardStore>()
            .UseSqlite($"Data Source={file}", sqlite => sqlite.MigrationsAssembly(typeof(StoresOfTheNextVersion).Assembly))
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
        return new DashboardStore(options.Options);
    }

    [DbContext(typeof(DashboardStore))]
    [Migration(Name)]
    internal sealed class First : Migration
    {
        public const string Name = "20000101000000_First";

        protected override void Up(MigrationBuilder migrationBuilder) => throw new InvalidOperationException("It was applied long ago.");
    }

    [DbContext(typeof(DashboardStore))]
    [Migration(Name)]
    internal sealed class Next : Migration
    {
        public const string Name = "20991231235959_Next";

        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DELETE FROM databases");
    }
}
