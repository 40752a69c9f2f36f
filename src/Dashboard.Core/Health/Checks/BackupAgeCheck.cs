using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health.Checks;

/// <summary>Whether the last good backup is young enough.</summary>
internal sealed class BackupAgeCheck(IDbContextFactory<DashboardStore> stores, TimeProvider time) : IDatabaseHealthCheck
{
    private const string Goal = "goal";

    public HealthDescription Description { get; } = new(
        "backup-age",
        "Age of the last good backup",
        "How old the newest backup is that was checked and found good: all that was written since is lost when the database is.",
        IsCritical: false)
    {
        IsSeenLive = true,
        IsAskedAnew = true,
        Fields = [new HealthField(Goal, "Goal", HealthFieldKind.Number, "") { Unit = "hours", Min = 1, Max = 24 * 365, Hint = "Empty: 26 with a daily backup, otherwise 7 days" }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var database = question.Database!;
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.Backups.Where(backup => backup.DatabaseId == database.Id).ThatCount()
            .OrderByDescending(backup => backup.TakenAt).Select(backup => (DateTimeOffset?)backup.TakenAt).FirstOrDefaultAsync(cancellationToken);
        if (last is null)
        {
            return HealthAnswer.Fail("There is no good backup.", "Back up now, and switch on a daily backup.");
        }

        var isDaily = await store.Schedules.AnyAsync(schedule => schedule.SubjectKind == SubjectKind.Database && schedule.SubjectId == database.Id && schedule.Job == JobKeys.Backup && schedule.IsOn, cancellationToken);
        var goal = question.Values.Number(Goal) is { } hours ? TimeSpan.FromHours(hours) : BackupGoal.Of(isDaily);
        var age = time.GetUtcNow() - last.Value;
        var evidence = $"The last good backup is {Words.Duration(age)} old; the goal is {Words.Duration(goal)}.";
        return age > goal ? HealthAnswer.Fail(evidence, isDaily ? "Look under Activity why it was not taken, and back it up now." : "Back it up now, and switch on a daily backup.") : HealthAnswer.Pass(evidence);
    }
}

/// <summary>How old a backup may become.</summary>
public static class BackupGoal
{
    /// <summary>A daily backup that is two hours late has failed somebody; earlier it may only be running.</summary>
    private static readonly TimeSpan Daily = TimeSpan.FromHours(26);

    /// <summary>Without a schedule nobody promised a backup; after a week the age is worth a word.</summary>
    private static readonly TimeSpan Unscheduled = TimeSpan.FromDays(7);

    public static TimeSpan Of(bool isDaily) => isDaily ? Daily : Unscheduled;
}
