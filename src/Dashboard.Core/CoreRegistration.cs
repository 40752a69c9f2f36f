using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;
using Dashboard.Core.Health.Checks;
using Dashboard.Core.Health.Installation;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Metrics;
using Dashboard.Core.Retention;
using Dashboard.Core.Schedules;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Core;

/// <summary>The trade, room by room.</summary>
public static class CoreRegistration
{
    public static IServiceCollection AddDatabases(this IServiceCollection services) => services
        .AddSingleton<EngineCatalog>()
        .AddSingleton<BackupPlaces>()
        .AddSingleton<Logins>()
        .AddSingleton<ILogins>(services => services.GetRequiredService<Logins>())
        .AddSingleton<LiveStates>()
        .AddSingleton<LiveTables>()
        .AddSingleton<LiveIndexes>()
        .AddSingleton<CountTable>()
        .AddSingleton<ReadTable>()
        .AddSingleton<AddDatabase>()
        .AddSingleton<JoinDatabases>()
        .AddSingleton<EditDatabase>()
        .AddSingleton<RemoveDatabase>()
        .AddSingleton<BreakSample>()
        .AddSingleton<SaveSettings>()
        .AddSingleton<MakeFirstRun>();

    public static IServiceCollection AddFleet(this IServiceCollection services) => services
        .AddSingleton<ReadFleet>();

    public static IServiceCollection AddJobs(this IServiceCollection services) => services
        .AddSingleton<JobCatalog>()
        .AddSingleton<JobFeed>()
        .AddSingleton<RunningJobs>()
        .AddSingleton<AskForRun>()
        .AddSingleton<CancelRun>()
        .AddSingleton<ReadRuns>()
        .AddSingleton<IBeforeWork, ReconcileRuns>()
        .AddHostedService<JobRunner>();

    public static IServiceCollection AddBackups(this IServiceCollection services) => services
        .AddSingleton<BackupFolders>()
        .AddSingleton<WatchBackupFiles>()
        .AddSingleton<PublishBackup>()
        .AddSingleton<UnpackBackup>()
        .AddSingleton<ReplaceContent>()
        .AddSingleton<ReadBackupPlaces>()
        .AddSingleton<IBeforeWork, AdoptBackupFolders>()
        .AddSingleton<IBeforeWork, SweepBackupFolders>()
        .AddSingleton<ReadBackups>()
        .AddSingleton<ReadSizes>()
        .AddSingleton<PlanRestore>()
        .AddSingleton<LendLogin>()
        .AddSingleton<AskForRestore>()
        .AddSingleton<DeleteBackup>()
        .AddSingleton<KeptContents>()
        .AddSingleton<StagedDumps>()
        .AddSingleton<IBeforeWork>(services => services.GetRequiredService<StagedDumps>())
        .AddSingleton<StageForeign>()
        .AddSingleton<AskForForeign>()
        .AddSingleton<IJob, RestoreForeign>()
        .AddSingleton<IJob, RestoreForeignAsNew>()
        .AddSingleton<IJob, TakeBackup>()
        .AddSingleton<IJob, CheckBackup>()
        .AddSingleton<IJob, RestoreBackup>()
        .AddSingleton<IJob, UndoRestore>()
        .AddSingleton<IJob, RestoreAsCopy>();

    public static IServiceCollection AddMaintenance(this IServiceCollection services) => services
        .AddSingleton<ReadMaintenance>()
        .AddSingleton<AskForMaintenance>()
        .AddSingleton<KeepResult>()
        .AddSingleton<AskForOrphans>()
        .AddSingleton<IJob, RemoveOrphans>()
        .AddSingleton<AskForIndex>()
        .AddSingleton<IJob, CreateIndex>()
        .AddSingleton<IJob, DropIndex>()
        .AddSingleton<IJob, RunMaintenance>();

    /// <summary>The checks stand in the order of their pages; that a database opens comes before all that needs it.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton<IDatabaseHealthCheck, OpensCheck>()
        .AddSingleton<IDatabaseHealthCheck, RequiredTablesCheck>()
        .AddSingleton<IDatabaseHealthCheck, BackupAgeCheck>()
        .AddSingleton<IDatabaseHealthCheck, BackupsCheckedCheck>()
        .AddSingleton<IDatabaseHealthCheck, BackupSpaceCheck>()
        .AddSingleton<IDatabaseHealthCheck, BackupPlaceCheck>()
        .AddSingleton<IInstallationHealthCheck, RuntimeCheck>()
        .AddSingleton<IInstallationHealthCheck, ConfigurationCheck>()
        .AddSingleton<IInstallationHealthCheck, OwnStoreCheck>()
        .AddSingleton<IInstallationHealthCheck, FoldersCheck>()
        .AddSingleton<IInstallationHealthCheck, SecretsCheck>()
        .AddSingleton<IInstallationHealthCheck, FilesCheck>()
        .AddSingleton<IInstallationHealthCheck, LogsCheck>()
        .AddSingleton<AskService>()
        .AddSingleton<HealthCatalog>()
        .AddSingleton<ReadHealth>()
        .AddSingleton<ReadReadiness>()
        .AddSingleton<EditHealth>()
        .AddSingleton<IJob, RunHealth>();

    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<RowArchives>()
        .AddSingleton<LookAtRows>()
        .AddSingleton<ReadRowRules>()
        .AddSingleton<SaveRowRule>()
        .AddSingleton<AskForRetention>()
        .AddSingleton<IJob, RemoveRows>();

    public static IServiceCollection AddSchedules(this IServiceCollection services) => services
        .AddSingleton<SetSchedule>()
        .AddSingleton<IAfterJoin, ScheduleJoined>()
        .AddSingleton<QueueDueSchedules>();

    /// <summary>What holds the samples comes with the engine that holds the dashboard's store.</summary>
    public static IServiceCollection AddSampling(this IServiceCollection services) => services
        .AddSingleton<MetricsFeed>()
        .AddSingleton<CollectMetrics>()
        .AddSingleton<ReadSeries>()
        .AddSingleton<ReadGrowth>()
        .AddSingleton<ReadTotal>();
}
