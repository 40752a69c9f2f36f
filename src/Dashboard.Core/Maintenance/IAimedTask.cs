using Dashboard.Core.Jobs;

namespace Dashboard.Core.Maintenance;

/// <summary>A task that a person may also have done to one thing of the database alone: an index, or the indexes of a table.</summary>
public interface IAimedTask : IMaintenanceTask
{
    /// <summary>What it can be aimed at, by title. Takes no lock that a writer feels.</summary>
    /// <exception cref="Databases.DatabaseException">When the database can't be looked at.</exception>
    Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken);

    /// <summary>As <see cref="IMaintenanceTask.RunAsync"/>, for one of them.</summary>
    /// <param name="target"><see cref="MaintenanceTarget.Key"/>.</param>
    /// <exception cref="Databases.DatabaseException">When it is no longer there.</exception>
    Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken);
}

/// <param name="Key">What a run is told: "index orders_by_date". Differs between the targets of a task, also from table to index of the same name.</param>
/// <param name="Bytes">Null where that can't be told cheaply.</param>
public sealed record MaintenanceTarget(string Key, long? Bytes)
{
    private const string IndexWord = "index ";
    private const string TableWord = "table ";

    public static MaintenanceTarget Index(string name, long? bytes = null) => new(IndexWord + name, bytes);

    public static MaintenanceTarget Table(string name, long? bytes = null) => new(TableWord + name, bytes);

    /// <summary>The name of an index, or of a table; the other is null.</summary>
    public static (string? Index, string? Table) Read(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (After(key, IndexWord), After(key, TableWord));
    }

    private static string? After(string key, string word) => key.StartsWith(word, StringComparison.Ordinal) ? key[word.Length..] : null;
}
