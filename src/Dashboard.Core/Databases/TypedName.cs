namespace Dashboard.Core.Databases;

/// <summary>The last rung of the confirm ladder: the name, typed or pasted, where nothing brings back what is about to go.</summary>
public static class TypedName
{
    /// <exception cref="NameNeededException">When it is not the name.</exception>
    public static void Demand(Database database, string? typed)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (!Matches(database.Name, typed))
        {
            throw new NameNeededException(database.Name);
        }
    }

    public static bool Matches(string name, string? typed) => string.Equals(typed?.Trim(), name.Trim(), StringComparison.Ordinal);
}

/// <summary>This needs the typed name of the database.</summary>
public sealed class NameNeededException(string name) : Exception($"Type the name of the database, {name}, to go on.")
{
    public string Name { get; } = name;
}
