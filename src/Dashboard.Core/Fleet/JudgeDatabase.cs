using Dashboard.Core.Databases;

namespace Dashboard.Core.Fleet;

/// <summary>The six words of the status language. Worst wins upward; the order is that of the worst.</summary>
public enum DatabaseStatus
{
    Healthy,
    Paused,
    NoData,
    Working,
    Attention,
    Critical,
}

/// <param name="Sentence">What, since when, what next.</param>
public sealed record Judgement(DatabaseStatus Status, string Sentence);

/// <summary>What is known of a database's backups, for its status.</summary>
/// <param name="LastGoodAt">When the newest good backup was taken.</param>
/// <param name="LastFailure">What the last backup run said, when it failed after the newest good backup.</param>
/// <param name="IsDaily">Whether a daily backup is switched on.</param>
public sealed record BackupStanding(DateTimeOffset? LastGoodAt, DateTimeOffset? LastAttemptFailedAt, string? LastFailure, bool IsDaily);

/// <summary>How a database stands. Pure.</summary>
public static class JudgeDatabase
{
    /// <summary>A daily backup that is two hours late has failed somebody; earlier it may only be running.</summary>
    private static readonly TimeSpan DailyGoal = TimeSpan.FromHours(26);

    /// <summary>Without a schedule nobody promised a backup; after a week the age is worth a word.</summary>
    private static readonly TimeSpan UnscheduledGoal = TimeSpan.FromDays(7);

    public static Judgement Judge(DatabaseReading reading, BackupStanding backups, bool isWorking, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(backups);

        // First, for a restore locks readers out of a database without a WAL: that is no fault.
        if (isWorking)
        {
            return new(DatabaseStatus.Working, "A run is at work on it.");
        }

        if (reading.Problem is { } problem)
        {
            return new(DatabaseStatus.Critical, problem);
        }

        if (backups.LastFailure is { } failure && backups.LastAttemptFailedAt is { } failedAt)
        {
            return new(DatabaseStatus.Attention, $"The last backup failed {Words.Duration(now - failedAt)} ago: {failure}");
        }

        if (backups.LastGoodAt is not { } last)
        {
            return new(DatabaseStatus.Attention, "It has no checked backup yet.");
        }

        var age = now - last;
        var goal = backups.IsDaily ? DailyGoal : UnscheduledGoal;
        if (age > goal)
        {
            return new(DatabaseStatus.Attention, backups.IsDaily
                ? $"It has had no good backup for {Words.Duration(age)}; the schedule takes one daily."
                : $"Its last good backup is {Words.Duration(age)} old and no daily backup is switched on.");
        }

        return reading.State is null
            ? new(DatabaseStatus.NoData, "It has not been read yet.")
            : new(DatabaseStatus.Healthy, $"Backed up and checked {Words.Duration(age)} ago.");
    }
}
