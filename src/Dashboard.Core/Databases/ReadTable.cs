using Dashboard.Core.Access;

namespace Dashboard.Core.Databases;

/// <summary>One table with its columns, indexes and definition.</summary>
public sealed class ReadTable(EngineCatalog engines)
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    /// <exception cref="TableMissingException">When there is no such table.</exception>
    public async Task<TableDetails> ReadAsync(Actor actor, Database database, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        return await engines.For(database).ReadTableAsync(database.Location, table, Budget, cancellationToken);
    }
}
