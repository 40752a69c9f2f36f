using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A task that does what the test says.</summary>
internal class FakeTask(string key, Func<string, CancellationToken, Task<MaintenanceResult>> run) : IMaintenanceTask
{
    public MaintenanceOutlook Outlook { get; init; } = new(MaintenanceWorth.Yes, "Worth it.");

    public string? Warning { get; init; }

    public MaintenanceDescription Description => new(key, key, key + " {0}", "Does it.", "Nobody.", "Nothing.", IsForAll: Warning is null) { Warning = Warning };

    public Task<MaintenanceOutlook> LookAheadAsync(string location, CancellationToken cancellationToken) => Task.FromResult(Outlook);

    public Task<MaintenanceResult> RunAsync(string location, RunProgress progress, CancellationToken cancellationToken) => run(location, cancellationToken);
}

/// <summary>One that can be aimed at "index a{b}" alone.</summary>
internal sealed class FakeAimedTask(string key, Func<string, CancellationToken, Task<MaintenanceResult>> run, Func<string, MaintenanceResult> aimed) : FakeTask(key, run), IAimedTask
{
    public Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MaintenanceTarget>>([MaintenanceTarget.Index("a{b}")]);

    public Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken) => Task.FromResult(aimed(target));
}
