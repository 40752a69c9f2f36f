using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A task that does what the test says.</summary>
internal sealed class FakeTask(string key, Func<string, CancellationToken, Task<MaintenanceResult>> run) : IMaintenanceTask
{
    public MaintenanceOutlook Outlook { get; init; } = new(MaintenanceWorth.Yes, "Worth it.");

    public string? Warning { get; init; }

    public MaintenanceDescription Description => new(key, key, key + " {0}", "Does it.", "Nobody.", "Nothing.", IsForAll: Warning is null) { Warning = Warning };

    public Task<MaintenanceOutlook> LookAheadAsync(string location, CancellationToken cancellationToken) => Task.FromResult(Outlook);

    public Task<MaintenanceResult> RunAsync(string location, RunProgress progress, CancellationToken cancellationToken) => run(location, cancellationToken);
}
