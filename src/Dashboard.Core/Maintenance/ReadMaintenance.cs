using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Maintenance;

/// <summary>A task of one database as the page shows it.</summary>
/// <param name="Last">What it brought the last time.</param>
/// <param name="CanAim">Whether it can be done to one index or table alone.</param>
public sealed record MaintenanceLine(MaintenanceDescription Task, MaintenanceOutlook Outlook, MaintenanceRecord? Last, Schedule? Schedule, bool CanAim);

/// <summary>What can be done for a database, whether it is worth it now, and what was done.</summary>
public sealed class ReadMaintenance(IDbContextFactory<DashboardStore> stores, EngineCatalog engines)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>All tasks of the database's engine; empty where it has none.</summary>
    public async Task<IReadOnlyList<MaintenanceLine>> ListAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        if (engines.For(database) is not IMaintained engine)
        {
            return [];
        }

        var outlooks = await Task.WhenAll(engine.Tasks.Select(task => LookAsync(task, database.Location, cancellationToken)));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.Maintenance.AsNoTracking()
            .Where(record => record.DatabaseId == database.Id)
            .GroupBy(record => record.Task)
            .Select(records => records.OrderByDescending(record => record.At).First())
            .ToListAsync(cancellationToken);
        var schedules = await store.Schedules.AsNoTracking()
            .Where(schedule => schedule.SubjectKind == SubjectKind.Database && schedule.SubjectId == database.Id && schedule.Job == JobKeys.Maintenance)
            .ToListAsync(cancellationToken);
        return
        [
            .. engine.Tasks.Zip(outlooks, (task, outlook) => new MaintenanceLine(
                task.Description,
                outlook,
                last.FirstOrDefault(record => record.Task == task.Description.Key),
                schedules.FirstOrDefault(schedule => schedule.Arguments == SetSchedule.Write(new MaintenanceArguments(task.Description.Key))),
                task is IAimedTask)),
        ];
    }

    /// <summary>What one task can be aimed at; empty where it is always done to the whole database.</summary>
    /// <exception cref="DatabaseException">When the database can't be looked at.</exception>
    public async Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(Actor actor, Database database, string task, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        return (engines.For(database) as IMaintained)?.Tasks.FirstOrDefault(one => one.Description.Key == task) is IAimedTask aimed
            ? await aimed.ListTargetsAsync(database.Location, cancellationToken)
            : [];
    }

    /// <summary>What was done, newest first, with the number of all.</summary>
    public async Task<(IReadOnlyList<MaintenanceRecord> Records, int Total)> ListDoneAsync(Actor actor, Guid databaseId, int skip, int take, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeRuns, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var records = store.Maintenance.AsNoTracking().Where(record => record.DatabaseId == databaseId);
        return (await records.OrderByDescending(record => record.At).ThenByDescending(record => record.Id).Skip(skip).Take(take).ToListAsync(cancellationToken), await records.CountAsync(cancellationToken));
    }

    /// <summary>A task that can't be looked at now is shown with its reason beside those that can.</summary>
    private static async Task<MaintenanceOutlook> LookAsync(IMaintenanceTask task, string location, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await task.LookAheadAsync(location, patience.Token);
        }
        catch (DatabaseException fault)
        {
            return MaintenanceOutlook.Refused(fault.Message, fault.NextStep);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MaintenanceOutlook(MaintenanceWorth.Unknown, "The database did not answer in time.");
        }
    }
}
