using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Dashboard.Core.Schedules;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Store;

/// <summary>The product's own store. Each verb opens a context for itself and closes it; no page and no circuit holds one.</summary>
public sealed class DashboardStore(DbContextOptions<DashboardStore> options) : DbContext(options)
{
    public DbSet<Database> Databases => Set<Database>();

    public DbSet<StoredLogin> Logins => Set<StoredLogin>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<RunPhase> RunPhases => Set<RunPhase>();

    public DbSet<RunLine> RunLines => Set<RunLine>();

    public DbSet<Schedule> Schedules => Set<Schedule>();

    public DbSet<Backup> Backups => Set<Backup>();

    public DbSet<Restore> Restores => Set<Restore>();

    public DbSet<LentLogin> LentLogins => Set<LentLogin>();

    public DbSet<MaintenanceRecord> Maintenance => Set<MaintenanceRecord>();

    public DbSet<HealthRun> HealthRuns => Set<HealthRun>();

    public DbSet<HealthRecord> HealthRecords => Set<HealthRecord>();

    public DbSet<HealthSetting> HealthSettings => Set<HealthSetting>();

    public DbSet<OwnCheck> OwnChecks => Set<OwnCheck>();

    public DbSet<RowRule> RowRules => Set<RowRule>();

    public DbSet<RowRemoval> RowRemovals => Set<RowRemoval>();

    public DbSet<RowArchive> RowArchives => Set<RowArchive>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(DashboardStore).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTime>();
    }
}
