using Dashboard.Core.Access;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A job that does what the test says.</summary>
internal sealed class ScriptedJob(Func<RunContext, CancellationToken, Task<RunOutcome>> script) : IJob
{
    public string Key { get; init; } = "script";

    public string Title => "Play {0}";

    public bool Writes { get; init; }

    public bool IsOneAtATime { get; init; }

    public Verb Verb => Verb.TakeBackup;

    public static ScriptedJob Waiting(IFault fault) => new(async (_, cancellationToken) =>
    {
        await fault.StrikeAsync(cancellationToken);
        return RunOutcome.Succeeded("Played.");
    });

    public Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken) => script(context, cancellationToken);

    public Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken) =>
        Task.FromResult(RunOutcome.Interrupted("The music stopped.", "The dashboard was stopped while this ran."));
}
