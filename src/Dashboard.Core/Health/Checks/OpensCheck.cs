using Dashboard.Core.Databases;

namespace Dashboard.Core.Health.Checks;

/// <summary>Whether the database is there and can be read. Where it can't, its other checks are not asked.</summary>
internal sealed class OpensCheck(EngineCatalog engines) : IDatabaseHealthCheck
{
    public const string Key = "opens";

    public HealthDescription Description { get; } = new(
        Key,
        "Can be opened",
        "Opens the database and reads its size, as an application would.",
        IsCritical: true)
    {
        IsSeenLive = true,
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            var state = await engines.For(question.Database!).ReadStateAsync(question.Location, cancellationToken);
            return HealthAnswer.Pass($"It is open to {state.EngineVersion} and takes {Words.Bytes(state.SizeBytes)}.");
        }
        catch (DatabaseException fault)
        {
            return HealthAnswer.Fail(fault.Message, fault.NextStep ?? "Look whether the database is where it was registered.");
        }
    }
}
