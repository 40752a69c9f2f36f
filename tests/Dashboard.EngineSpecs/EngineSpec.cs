namespace Dashboard.EngineSpecs;

/// <summary>Every class that derives from this stands for a part of the contract; each engine's tests inherit all of them.</summary>
public abstract class EngineSpec(EngineHarness harness) : IAsyncDisposable
{
    protected EngineHarness Harness { get; } = harness;

    protected Core.Databases.IDatabaseEngine Engine => Harness.Engine;

    public async ValueTask DisposeAsync()
    {
        await Harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
