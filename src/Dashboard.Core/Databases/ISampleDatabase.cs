namespace Dashboard.Core.Databases;

/// <summary>The database that a newcomer may break: made, damaged and removed by the engine that it belongs to.</summary>
public interface ISampleDatabase
{
    /// <summary><see cref="EngineDescription.Key"/> of its engine.</summary>
    string Engine { get; }

    /// <summary>Makes it; whole or not at all. Never overwrites.</summary>
    Task CreateAsync(string location, CancellationToken cancellationToken);

    /// <summary>Spoils some of its rows, as a wrong migration would; returns a sentence of what is gone.</summary>
    Task<string> BreakAsync(string location, CancellationToken cancellationToken);

    Task DeleteAsync(string location, CancellationToken cancellationToken);
}
