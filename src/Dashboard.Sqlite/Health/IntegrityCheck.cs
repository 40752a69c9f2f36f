using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Maintenance;

namespace Dashboard.Sqlite.Health;

/// <summary>Reads the file for damage, as the tasks of maintenance do.</summary>
internal sealed class IntegrityCheck(TimeProvider time) : IHealthCheck
{
    private const string Depth = "depth";
    private const string Full = "full";

    private readonly QuickCheckTask quick = new(time);
    private readonly IntegrityCheckTask full = new(time);

    public HealthDescription Description { get; } = new(
        HealthKeys.Integrity,
        "Integrity",
        "Reads every page of the file and looks whether it is well formed. The full check also compares every index with its table, and takes several times as long.",
        IsCritical: true)
    {
        Patience = null,
        Fields = [new HealthField(Depth, "Check", HealthFieldKind.Choice, "quick") { Choices = [("quick", "quickly"), (Full, "in full")] }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        StructureCheck task = question.Values.Text(Depth) == Full ? full : quick;
        var result = await task.RunAsync(question.Location, question.Progress, cancellationToken);
        return result switch
        {
            { Problem: null } => HealthAnswer.Pass(result.Sentence),
            { IsDamage: true } => HealthAnswer.Fail(EngineLines.Below(result.Problem, result.Findings), result.NextStep!),
            _ => HealthAnswer.Warn(EngineLines.Below(result.Problem, result.Findings.Skip(1)), result.NextStep!),
        };
    }
}
