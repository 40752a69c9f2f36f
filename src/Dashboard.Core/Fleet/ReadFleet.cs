using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Fleet;

/// <summary>A database as the fleet shows it; its status is judged anew with each reading by <see cref="JudgeDatabase"/>.</summary>
public sealed record FleetRow(Database Database, string EngineTitle, BackupStanding Standing, DateTimeOffset? LastBackupAt, CheckLevel? LastBackupLevel, long? LastBackupBytes, Guid? LastBackupId, Schedule? Schedule);

public sealed class ReadFleet(IDbContextFactory<DashboardStore> stores, EngineCatalog engines)
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

        var backups = await store.Backups.AsNoTracking().Where(backup => ids.Contains(backup.DatabaseId) && backup.DeletedAt == null)
            .Select(backup => new { backup.Id, backup.DatabaseId, backup.TakenAt, backup.Level, backup.SizeBytes, backup.Kind, HasProblem = backup.Problem != null })
            .ToListAsync(cancellationToken);
        var byDatabase = backups.ToLookup(backup => backup.DatabaseId);

        var failures = await store.Runs.AsNoTracking()
            .Where(run => ids.Contains(run.SubjectId) && run.Job == TakeBackup.JobKey && (run.State == RunState.Failed || run.State == RunState.Interrupted))
            .GroupBy(run => run.SubjectId)
            .Select(group => group.OrderByDescending(run => run.QueuedAt).First())
            .ToListAsync(cancellationToken);
        var failed = failures.ToDictionary(run => run.SubjectId);

        var schedules = await store.Schedules.AsNoTracking().Where(schedule => ids.Contains(schedule.SubjectId) && schedule.Job == TakeBackup.JobKey).ToListAsync(cancellationToken);
        var daily = schedules.ToDictionary(schedule => schedule.SubjectId);

        return
        [
            .. databases.Select(database =>
            {
                var last = byDatabase[database.Id].Where(backup => backup.Kind == BackupKind.Backup).MaxBy(backup => backup.TakenAt);
                // An undo copy is what was thrown away: it keeps no promise to be backed up.
                var good = byDatabase[database.Id].Where(backup => backup.Kind == BackupKind.Backup && backup.Level >= CheckLevel.Structure && !backup.HasProblem).MaxBy(backup => backup.TakenAt);
                var failure = failed.GetValueOrDefault(database.Id);
                var isNews = failure is not null && (good is null || failure.QueuedAt > good.TakenAt);
                var schedule = daily.GetValueOrDefault(database.Id);
                return new FleetRow(
                    database,
                    engines.Engines.FirstOrDefault(engine => engine.Description.Key == database.Engine)?.Description.Title ?? database.Engine,
                    new BackupStanding(good?.TakenAt, isNews ? failure!.EndedAt : null, isNews ? failure!.Problem : null, schedule?.IsOn == true),
                    last?.TakenAt, last?.Level, last?.SizeBytes, last?.Id, schedule);
            }),
        ];
    }
}
