using Dashboard.Core.Health;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Maintenance;

namespace Dashboard.Sqlite.Health;

/// <summary>Whether an optimize is due: what SQLite chooses its indexes by no longer fits the tables.</summary>
internal sealed class StatisticsCheck(TimeProvider time) : IHealthCheck
{
    private readonly AnalyzeTask task = new(time);

    public HealthDescription Description { get; } = new(
        "statistics",
        "Statistics",
        "Whether the numbers that SQLite chooses its indexes by still fit the tables. Old ones make queries slow, never wrong.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var outlook = await task.LookAheadAsync(question.Location, cancellationToken);
        return outlook.Refusal is { } refusal
            ? HealthAnswer.Unknown(refusal, outlook.NextStep)
            : outlook.Worth == MaintenanceWorth.Yes ? HealthAnswer.Warn(outlook.Gain, $"Run “{task.Description.Title}” under Maintenance.") : HealthAnswer.Pass(outlook.Gain);
    }
}
