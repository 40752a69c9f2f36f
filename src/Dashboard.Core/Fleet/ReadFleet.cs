using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Fleet;

/// <summary>A database as the fleet shows it; its status is judged anew with each reading by <see cref="JudgeDatabase"/>.</summary>
public sealed record FleetRow(Database Database, string EngineTitle, BackupStanding Standing, DateTimeOffset? LastBackupAt, Guid? LastBackupId, Schedule? Schedule, HealthStanding? Health);

public sealed class ReadFleet(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, BackupFolders folders)
{
    /// <summary>The fleet, by name; the dashboard's own store last.</summary>
    public async Task<IReadOnlyList<FleetRow>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeDatabases, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await RowsAsync(store, store.Databases.AsNoTracking().Where(database => database.RemovedAt == null), cancellationToken);
    }

    /// <summary>Null when no database has this slug, or it was removed.</summary>
    public async Task<FleetRow?> FindAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeDatabases, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var rows = await RowsAsync(store, store.Databases.AsNoTracking().Where(database => database.Slug == slug && database.RemovedAt == null), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Registrations that were removed and can be brought back.</summary>
    public async Task<IReadOnlyList<Database>> ListRemovedAsync(Actor actor, int days, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        Permit.Demand(actor, Verb.SeeDatabases, Subject.Installation);
        var since = time.GetUtcNow().AddDays(-days);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.Databases.AsNoTracking().Where(database => database.RemovedAt > since).OrderByDescending(database => database.RemovedAt).ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<FleetRow>> RowsAsync(DashboardStore store, IQueryable<Database> wanted, CancellationToken cancellationToken)
    {
        // One query a fact for all databases, not a query for each database.
        var databases = await wanted.OrderBy(database => database.IsOwnStore).ThenBy(database => database.Name).ToListAsync(cancellationToken);
        var ids = databases.Select(database => database.Id).ToList();

        // Only the newest of each: a fleet of years has more backups than any page wants to read.
        var newest = await wanted.Select(database => new
        {
            database.Id,
            LastId = store.Backups.Where(backup => backup.DatabaseId == database.Id && backup.Kind == BackupKind.Backup && backup.DeletedAt == null)
                .OrderByDescending(backup => backup.TakenAt).Select(backup => (Guid?)backup.Id).FirstOrDefault(),
            Good = store.Backups.Where(GoodBackup.Rule).Where(backup => backup.DatabaseId == database.Id && backup.DeletedAt == null)
                .OrderByDescending(backup => backup.TakenAt).Select(backup => new { backup.Id, backup.TakenAt }).FirstOrDefault(),
        }).ToDictionaryAsync(of => of.Id, cancellationToken);
        var lastIds = newest.Values.Where(of => of.LastId is not null).Select(of => of.LastId!.Value).ToList();
        var lasts = await store.Backups.AsNoTracking().Where(backup => lastIds.Contains(backup.Id))
            .Select(backup => new { backup.Id, backup.DatabaseId, backup.TakenAt })
            .ToDictionaryAsync(backup => backup.DatabaseId, cancellationToken);

        var troubles = await BackupTroubles.ReadAsync(store, wanted, cancellationToken);

        var failures = await store.Runs.AsNoTracking()
            .Where(run => ids.Contains(run.SubjectId) && run.Job == TakeBackup.JobKey && (run.State == RunState.Failed || run.State == RunState.Interrupted))
            .GroupBy(run => run.SubjectId)
            .Select(group => group.OrderByDescending(run => run.QueuedAt).First())
            .ToListAsync(cancellationToken);
        var failed = failures.ToDictionary(run => run.SubjectId);

        var schedules = await store.Schedules.AsNoTracking().Where(schedule => ids.Contains(schedule.SubjectId) && schedule.Job == TakeBackup.JobKey).ToListAsync(cancellationToken);
        var daily = schedules.ToDictionary(schedule => schedule.SubjectId);

        var healths = await ReadHealth.StandingsAsync(store, wanted, cancellationToken);

        return
        [
            .. databases.Select(database =>
            {
                var last = lasts.GetValueOrDefault(database.Id);
                var good = newest.GetValueOrDefault(database.Id)?.Good;
                var failure = failed.GetValueOrDefault(database.Id);

                // The last backup did not fail where one was taken since, be it one that is not whole.
                var isNews = failure is not null && !(failure.QueuedAt <= good?.TakenAt) && !(failure.QueuedAt <= last?.TakenAt);
                var schedule = daily.GetValueOrDefault(database.Id);
                return new FleetRow(
                    database,
                    engines.Engines.FirstOrDefault(engine => engine.Description.Key == database.Engine)?.Description.Title ?? database.Engine,
                    new BackupStanding(good?.TakenAt, isNews ? failure!.EndedAt : null, isNews ? failure!.Problem : null, schedule?.IsOn == true)
                    {
                        LastGoodId = good?.Id,
                        PlaceProblem = folders.PlaceOf(database).Problem,
                        Troubles = troubles.GetValueOrDefault(database.Id, BackupTroubles.None),
                    },
                    last?.TakenAt, last?.Id, schedule, healths.GetValueOrDefault(database.Id));
            }),
        ];
    }
}
