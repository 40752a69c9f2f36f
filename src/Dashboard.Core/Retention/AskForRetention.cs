using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Retention;

/// <summary>Asks for a run of a rule. The name is typed where nothing brings the rows back, or where more than the rule's share may go.</summary>
public sealed class AskForRetention(IDbContextFactory<DashboardStore> stores, AskForRun ask)
{
    /// <param name="mayTakeMost">Whether the run may go on when more than the rule's share of the table would go.</param>
    /// <param name="typedName">What the person typed; null when nobody was asked yet.</param>
    /// <exception cref="NameNeededException">When the name is needed and is not the one that was typed.</exception>
    /// <exception cref="RunConflictException">When another run writes to the same database.</exception>
    public async Task<Run> AskAsync(Actor actor, Database database, Guid ruleId, bool mayTakeMost, string? typedName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.RemoveRows, database.Subject);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var rule = await store.RowRules.AsNoTracking().FirstOrDefaultAsync(row => row.Id == ruleId && row.DatabaseId == database.Id, cancellationToken)
            ?? throw new DatabaseException("This rule is not there any more.");
        if (mayTakeMost || rule.Archive == ArchiveKind.None)
        {
            TypedName.Demand(database, typedName);
        }

        return await ask.AskAsync(actor, JobKeys.Retention, database.Subject, new RetentionArguments(ruleId, mayTakeMost), cancellationToken);
    }
}
