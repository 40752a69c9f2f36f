using Dashboard.Core.Access;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Databases;

/// <summary>Counts one table exactly because somebody asked, however long it takes; the result is kept beside the estimates.</summary>
public sealed class CountTable(EngineCatalog engines, LiveTables tables)
{
    public async Task<Measure> CountAsync(Actor actor, Database database, string table, RunProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        var counted = await engines.For(database).CountTableAsync(database.Location, table, progress, cancellationToken);
        tables.Remember(database.Id, table, counted);
        return counted;
    }
}
