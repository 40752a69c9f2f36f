using Dashboard.Core.Access;

namespace Dashboard.Core.Jobs;

/// <summary>
/// What can run. The runner leases, times, records, catches once and publishes; a job does its work and says what came of it.
/// </summary>
public interface IJob
{
    /// <summary>Stored with each run: "backup".</summary>
    string Key { get; }

    /// <summary>With the name of its subject: "Back up {0}".</summary>
    string Title { get; }

    /// <summary>The title of a run that was told this, where the job does more than one thing.</summary>
    string TitleOf(string? arguments) => Title;

    /// <summary>Whether it writes to its subject, and so excludes every other job that does.</summary>
    bool Writes { get; }

    /// <summary>Whether asking again while one is open gives the open one: a second click on the same button changes nothing.</summary>
    bool IsOneAtATime { get; }

    /// <summary>What the asker must be permitted to do.</summary>
    Verb Verb { get; }

    /// <summary>
    /// Does the work. Throws <see cref="OperationCanceledException"/> when cancelled, after it has cleaned up;
    /// any other exception makes the run failed, with the exception's words on the page.
    /// </summary>
    Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Called at start for a run whose process was gone: compares the checkpoint with what is really there, cleans up,
    /// and says what it found. Must be safe to repeat, for the process can be killed in here too.
    /// </summary>
    Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken);
}

/// <summary>How a run ended, in words for a person.</summary>
public sealed record RunOutcome(RunState State, string Summary, string? Problem = null, string? NextStep = null)
{
    public static RunOutcome Succeeded(string summary) => new(RunState.Succeeded, summary);

    public static RunOutcome WithWarnings(string summary, string problem, string? nextStep = null) => new(RunState.SucceededWithWarnings, summary, problem, nextStep);

    public static RunOutcome Interrupted(string summary, string problem, string? nextStep = null) => new(RunState.Interrupted, summary, problem, nextStep);
}

/// <summary>A run that was cancelled had done a part, and that stays.</summary>
/// <param name="done">In a sentence.</param>
public sealed class PartlyDoneException(string done, CancellationToken cancellationToken) : OperationCanceledException(done, cancellationToken);

/// <summary>What a job has at hand.</summary>
/// <param name="CheckpointAsync">Stores durably how far the run is; throws when the run is no longer ours.</param>
public sealed record RunContext(Run Run, RunProgress Progress, Func<string, Task> CheckpointAsync);
