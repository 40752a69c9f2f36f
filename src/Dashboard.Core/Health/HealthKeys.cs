namespace Dashboard.Core.Health;

/// <summary>Keys of checks that others ask for by name.</summary>
public static class HealthKeys
{
    /// <summary>Of an engine that can tell whether a database is sound.</summary>
    public const string Integrity = "integrity";
}
