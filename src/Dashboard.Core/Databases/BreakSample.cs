using Dashboard.Core.Access;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>Spoils the sample, so that a newcomer has something to restore. Refuses to touch anything else.</summary>
public sealed class BreakSample(IDbContextFactory<DashboardStore> stores, ISampleDatabase sample)
{
    /// <summary>Returns a sentence of what is gone.</summary>
    public async Task<string> BreakAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.ChangeSample, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstOrDefaultAsync(row => row.Id == databaseId && row.IsSample && row.RemovedAt == null, cancellationToken)
            ?? throw new DatabaseException("Only the sample database can be broken from here.", "This page is for trying out.");
        return await sample.BreakAsync(database.Location, cancellationToken);
    }
}
