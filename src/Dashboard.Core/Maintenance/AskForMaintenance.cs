using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Maintenance;

/// <summary>Asks for a task, or for all that are worth it; for one that takes the database away from everybody the name has to be typed.</summary>
public sealed class AskForMaintenance(AskForRun ask, EngineCatalog engines)
{
    /// <param name="task">Key of one task; null for all that are worth it.</param>
    /// <param name="typedName">What the person typed; null when nobody was asked yet.</param>
    /// <param name="target">Key of the one thing that the task is to be done to; null for the whole database.</param>
    /// <exception cref="NameNeededException">When the name is needed and is not the one that was typed.</exception>
    /// <exception cref="RunConflictException">When another run writes to the same database.</exception>
    public async Task<Run> AskAsync(Actor actor, Database database, string? task, string? typedName, CancellationToken cancellationToken, string? target = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.Maintain, database.Subject);

        var wanted = (engines.For(database) as IMaintained)?.Tasks.Select(one => one.Description).FirstOrDefault(one => one.Key == task);
        if (wanted?.Warning is not null)
        {
            TypedName.Demand(database, typedName);
        }

        return await ask.AskAsync(actor, JobKeys.Maintenance, database.Subject, new MaintenanceArguments(task) { Target = target }, cancellationToken);
    }
}
