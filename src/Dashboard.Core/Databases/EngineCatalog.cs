namespace Dashboard.Core.Databases;

/// <summary>The engines of this installation, in the order of the "Add database" page.</summary>
public sealed class EngineCatalog(IEnumerable<IDatabaseEngine> engines)
{
    public IReadOnlyList<IDatabaseEngine> Engines { get; } = [.. engines];

    public IDatabaseEngine For(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return For(database.Engine);
    }

    /// <exception cref="DatabaseException">When the store names an engine that this build does not have.</exception>
    public IDatabaseEngine For(string key) =>
        Engines.FirstOrDefault(engine => engine.Description.Key == key)
        ?? throw new DatabaseException($"This installation has no engine called '{key}'.", "Start the version of the dashboard that registered this database.");
}
