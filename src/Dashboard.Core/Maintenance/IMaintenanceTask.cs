using Dashboard.Core.Jobs;

namespace Dashboard.Core.Maintenance;

/// <summary>
/// One way to keep a database in order. It describes itself, so that page, schedule and run need to know nothing of it.
/// </summary>
/// <remarks>
/// A task changes no content: what is read after it is what was read before, whether it ended, failed or was cancelled.
/// Running it twice does no harm. Cancelling ends it within moments unless its phase says that it can't be; what goes wrong with the
/// database is a <see cref="Databases.DatabaseException"/>.
/// </remarks>
public interface IMaintenanceTask
{
    MaintenanceDescription Description { get; }

    /// <summary>Whether it is worth it now, and whether it is safe. Within a second or two, and without a lock that a writer feels.</summary>
    /// <exception cref="Databases.DatabaseException">When the database can't be looked at.</exception>
    Task<MaintenanceOutlook> LookAheadAsync(string location, CancellationToken cancellationToken);

    /// <summary>Does it. The caller has looked ahead, and runs nothing else that writes to this database.</summary>
    Task<MaintenanceResult> RunAsync(string location, RunProgress progress, CancellationToken cancellationToken);
}

/// <param name="Key">Stored with each result and each schedule: "vacuum".</param>
/// <param name="Title">"Vacuum".</param>
/// <param name="RunTitle">With the name of the database: "Vacuum {0}".</param>
/// <param name="Effect">What it does, for a person who does not know the word.</param>
/// <param name="Lock">Who waits while it runs.</param>
/// <param name="Cost">Room and time that it needs.</param>
/// <param name="IsForAll">Whether "Run all" may choose it: not what takes the database away from everybody.</param>
public sealed record MaintenanceDescription(string Key, string Title, string RunTitle, string Effect, string Lock, string Cost, bool IsForAll = true)
{
    /// <summary>Whether it may run by itself: what "Run all" leaves to a person may all the same be planned by one.</summary>
    public bool CanBeScheduled { get; init; } = IsForAll;

    /// <summary>What it takes away from everybody while it runs; whoever reads it types the name of the database. Null where nobody is to be asked.</summary>
    public string? Warning { get; init; }
}

/// <param name="Gain">What it would bring now: "412 MiB of 1.10 GiB are free pages: would give back about 38 %."</param>
/// <param name="Refusal">Why it must not run now; null when it may.</param>
/// <param name="NextStep">What to do about the refusal.</param>
public sealed record MaintenanceOutlook(MaintenanceWorth Worth, string Gain, string? Refusal = null, string? NextStep = null)
{
    public static MaintenanceOutlook Refused(string reason, string? nextStep = null) => new(MaintenanceWorth.Unknown, "", reason, nextStep);
}

public enum MaintenanceWorth
{
    /// <summary>Only running it can tell.</summary>
    Unknown,
    No,
    Yes,
}

/// <summary>What a task has done or found.</summary>
/// <param name="Sentence">For a person: "Rebuilt 12 indexes."</param>
/// <param name="Problem">What it found wrong with the database; null when nothing.</param>
/// <param name="NextStep">What to do about that.</param>
/// <param name="IsDamage">Whether the problem means that the database can't be relied upon.</param>
public sealed record MaintenanceResult(string Sentence, string? Problem = null, string? NextStep = null, bool IsDamage = false)
{
    /// <summary>One by one, a line each, for the page: what was found where.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>The problem with each finding below it, for whoever reads the result of the run and not the history.</summary>
    public string? ProblemInFull => Problem is null
        ? null
        : Databases.EngineLines.Below(Databases.EngineLines.Sentence(Problem), Databases.EngineLines.Of(Problem).Concat(Findings).Distinct().Take(MostLines));

    private const int MostLines = 100;
}
