using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Schedules;

/// <summary>A database that has joined is backed up every night where that was asked for.</summary>
internal sealed class ScheduleJoined(SetSchedule schedules) : IAfterJoin
{
    public Task JoinedAsync(Database database, bool withBackup, CancellationToken cancellationToken) => withBackup
        ? schedules.SetAsync(Actor.Dashboard, database.Subject, JobKeys.Backup, isOn: true, SetSchedule.Daily, TimeZoneInfo.Local.Id, cancellationToken, isOnlyOne: true)
        : Task.CompletedTask;
}
