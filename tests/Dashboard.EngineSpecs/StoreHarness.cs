using Dashboard.Core.Metrics;

namespace Dashboard.EngineSpecs;

/// <summary>An empty store of the dashboard, on the engine that holds it.</summary>
public abstract class StoreHarness : IAsyncDisposable
{
    /// <summary>As a process opens it that starts on it; what others opened before stays open. Its parts are a few rows, so that any test has many.</summary>
    public abstract Task<ISampleStore> OpenAsync();

    public abstract ValueTask DisposeAsync();
}
