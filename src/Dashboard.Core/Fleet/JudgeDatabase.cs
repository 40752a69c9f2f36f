using Dashboard.Core.Databases;
using Dashboard.Core.Health;

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
public sealed record Judgement(DatabaseStatus Status, string Sentence)
{
    /// <summary>The engine's own words on it; a page keeps them in a fold.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>Whether the content can't be relied upon, so that a backup is what helps.</summary>
    public bool IsDamage { get; init; }
}

/// <summary>How a database stands. Pure.</summary>
public static class JudgeDatabase
{
    /// <param name="health">What the last health run found; null when there was none.</param>
    public static Judgement Judge(DatabaseReading reading, BackupStanding backups, HealthStanding? health, bool isWorking, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(backups);

        // First, for a restore locks readers out of a database without a WAL: that is no fault.
        if (isWorking)
        {
            return new(DatabaseStatus.Working, "A run is at work on it.");
        }

        // Worst wins; of equals the first, for what is seen at this moment is newer than what a run found.
        return Reasons(reading, backups, health, now).MaxBy(reason => reason.Status)
            ?? new(DatabaseStatus.Healthy, Wellness(backups.LastGoodAt!.Value, health, now));
    }

    private static IEnumerable<Judgement> Reasons(DatabaseReading reading, BackupStanding backups, HealthStanding? health, DateTimeOffset now)
    {
        if (reading.Problem is { } problem)
        {
            yield return Of(DatabaseStatus.Critical, problem, sentence => sentence) is var reason && reading.IsDamaged ? reason with { IsDamage = true } : reason;
        }

        if (JudgeBackups.Judge(backups, now) is { } backup)
        {
            yield return backup;
        }

        if (health is not null)
        {
            foreach (var reason in OfHealth(health, now))
            {
                yield return reason;
            }
        }

        if (reading is { State: null, Problem: null })
        {
            yield return new(DatabaseStatus.NoData, "It has not been read yet.");
        }
    }

    private static IEnumerable<Judgement> OfHealth(HealthStanding health, DateTimeOffset now)
    {
        var ago = $"{Words.Duration(now - health.At)} ago";
        if (health is { Verdict: not HealthVerdict.Pass, Finding: { } finding })
        {
            yield return health.Verdict switch
            {
                HealthVerdict.Fail => Of(DatabaseStatus.Critical, finding, sentence => $"{sentence} Found {ago}."),
                HealthVerdict.Unknown => Of(DatabaseStatus.NoData, finding, sentence => $"The health check of {ago} could tell nothing: {sentence}"),
                _ => Of(DatabaseStatus.Attention, finding, sentence => $"{sentence} Found {ago}."),
            };
        }

        if (now > health.DueBy)
        {
            yield return new(DatabaseStatus.Attention, health.IsScheduled
                ? $"Its health was last looked at {ago}; the schedule looks more often."
                : $"Its health was last looked at {ago}, and no schedule looks by itself.");
        }
    }

    /// <summary>What an engine or a run said, in a sentence; its further lines beside it.</summary>
    internal static Judgement Of(DatabaseStatus status, string text, Func<string, string> say) =>
        new(DamageWords.IsIn(text) ? DatabaseStatus.Critical : status, say(EngineLines.Sentence(text))) { Lines = EngineLines.Of(text), IsDamage = DamageWords.IsIn(text) };

    private static string Wellness(DateTimeOffset lastBackup, HealthStanding? health, DateTimeOffset now) =>
        $"Backed up and checked {Words.Duration(now - lastBackup)} ago.{(health is null or { Sentence: "" } ? "" : $" Health: {health.Sentence}")}";
}
