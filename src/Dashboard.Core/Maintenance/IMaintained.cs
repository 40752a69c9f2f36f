namespace Dashboard.Core.Maintenance;

/// <summary>Implemented beside <see cref="Databases.IDatabaseEngine"/> by an engine whose databases can be kept in order.</summary>
public interface IMaintained
{
    /// <summary>In the order of the page, which is also that in which "Run all" goes through them. Their keys differ.</summary>
    IReadOnlyList<IMaintenanceTask> Tasks { get; }

    /// <summary>What is kept of the time before a task and of the time after it. Cheap, and takes no lock that a writer feels.</summary>
    /// <exception cref="Databases.DatabaseException">As in <see cref="Databases.IDatabaseEngine.ReadStateAsync"/>.</exception>
    Task<MaintenanceMeasure> MeasureAsync(string location, CancellationToken cancellationToken);
}

/// <param name="SizeBytes">All that the database takes on disk.</param>
/// <param name="FreeBytes">Of which hold nothing; null where that can't be told.</param>
/// <param name="DeadRows">Rows that nobody sees any more and that take room still; null where the engine has none.</param>
public sealed record MaintenanceMeasure(long SizeBytes, long? FreeBytes, long? DeadRows);
