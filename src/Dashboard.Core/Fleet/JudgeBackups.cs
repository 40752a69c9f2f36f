using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health.Checks;

namespace Dashboard.Core.Fleet;

/// <summary>What is known of a database's backups, for its status.</summary>
/// <param name="LastGoodAt">When the newest good backup was taken.</param>
/// <param name="LastFailure">What the last backup run said, when it failed and no backup was taken since.</param>
/// <param name="IsDaily">Whether a daily backup is switched on.</param>
public sealed record BackupStanding(DateTimeOffset? LastGoodAt, DateTimeOffset? LastAttemptFailedAt, string? LastFailure, bool IsDaily)
{
    public Guid? LastGoodId { get; init; }

    /// <summary>Why no backup can be taken: the backup folder is not the one that was set up. Null when it is.</summary>
    public string? PlaceProblem { get; init; }

    /// <summary>Those that are listed and do not count.</summary>
    public BackupTroubles Troubles { get; init; } = BackupTroubles.None;

    /// <summary>Whether there is a good backup as young as it should be, and nothing has failed since.</summary>
    public bool IsKeptAt(DateTimeOffset now) => LastFailure is null && PlaceProblem is null && LastGoodAt is { } last && now - last <= BackupGoal.Of(IsDaily);
}

/// <summary>What a database's backups say of its status; null when nothing is wrong with them. Pure.</summary>
internal static class JudgeBackups
{
    public static Judgement? Judge(BackupStanding backups, DateTimeOffset now)
    {
        var troubles = backups.Troubles;
        if (backups.PlaceProblem is { } problem)
        {
            return new(DatabaseStatus.Critical, $"No backup can be taken. {problem}");
        }

        if (backups.LastGoodAt is null && troubles.IsLoss)
        {
            return new(DatabaseStatus.Critical, $"No good backup is left: {troubles.Counts}. {NextStep(troubles)}");
        }

        var lost = troubles.IsAny && backups.LastGoodAt is { } good ? $"Newest good backup {Words.Duration(now - good)} old; {troubles.Counts}. {NextStep(troubles)}" : null;
        if (backups is { LastFailure: { } failure, LastAttemptFailedAt: { } failedAt })
        {
            return JudgeDatabase.Of(DatabaseStatus.Attention, failure, sentence => $"The last backup failed {Words.Duration(now - failedAt)} ago: {sentence}{(lost is null ? "" : " " + lost)}");
        }

        return (lost ?? OfAge(backups, now)) is { } reason ? new(DatabaseStatus.Attention, reason) { Lines = troubles.Reason is { } why ? [why] : [] } : null;
    }

    private static string? OfAge(BackupStanding backups, DateTimeOffset now)
    {
        if (backups.LastGoodAt is not { } last)
        {
            return backups.Troubles.IsAny ? $"No good backup yet: {backups.Troubles.Counts}. {NextStep(backups.Troubles)}" : "No checked backup yet.";
        }

        var age = now - last;
        return age <= BackupGoal.Of(backups.IsDaily) ? null
            : backups.IsDaily ? $"No good backup for {Words.Duration(age)}; the schedule takes one daily."
            : $"The last good backup is {Words.Duration(age)} old and no daily backup is switched on.";
    }

    /// <summary>What clears it: each of these does, at once.</summary>
    private static string NextStep(BackupTroubles troubles) =>
        troubles.Unreachable > 0 ? "Mount the disk of the backup folder, or back up now."
        : troubles.IsLoss ? "Back up now."
        : troubles.Reason is not null ? "Correct what it names, then back up again."
        : "Check the backup again, or back up now.";
}
