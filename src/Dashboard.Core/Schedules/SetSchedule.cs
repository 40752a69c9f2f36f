using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Schedules;

/// <summary>Switches a schedule of a subject on or off, or changes when it is due. The next time is computed at once.</summary>
public sealed class SetSchedule(IDbContextFactory<DashboardStore> stores, JobFeed feed, TimeProvider time)
{
    /// <summary>Every day at two in the night.</summary>
    public const string Daily = "0 2 * * *";

    /// <exception cref="FormatException">When the plan or the zone makes no sense.</exception>
    /// <param name="arguments">What the job is told, where it does more than one thing.</param>
    /// <param name="isOnlyOne">Whether the subject has one schedule of the job, which is told something else now; otherwise it has one for each.</param>
    public async Task<Schedule> SetAsync(Actor actor, Subject subject, string job, bool isOn, string cron, string zone, CancellationToken cancellationToken, object? arguments = null, bool isOnlyOne = false)
    {
        var told = arguments is null ? "" : Write(arguments);
        Permit.Demand(actor, Verb.EditSchedule, subject);
        var next = NextOccurrence.After(cron, zone, time.GetUtcNow());

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var schedule = await store.Schedules.FirstOrDefaultAsync(row => row.SubjectKind == subject.Kind && row.SubjectId == subject.Id && row.Job == job && (isOnlyOne || row.Arguments == told), cancellationToken);
        if (schedule is null)
        {
            schedule = new Schedule { Id = Guid.CreateVersion7(time.GetUtcNow()), Job = job, Arguments = told, SubjectKind = subject.Kind, SubjectId = subject.Id, Cron = cron, Zone = zone };
            store.Schedules.Add(schedule);
        }

        schedule.Arguments = told;
        schedule.Cron = cron;
        schedule.Zone = zone;
        schedule.IsOn = isOn;
        schedule.NextAt = isOn ? next : null;
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
        return schedule;
    }

    /// <summary>Arguments as a schedule keeps them.</summary>
    public static string Write(object arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return JsonSerializer.Serialize(arguments, arguments.GetType());
    }
}
