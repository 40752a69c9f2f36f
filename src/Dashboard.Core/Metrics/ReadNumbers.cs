using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>The numbers of each round: what an engine can tell of a database without counting. The pages hear of them too.</summary>
internal sealed class ReadNumbers(EngineCatalog engines, LiveStates live)
{
    public async Task<IReadOnlyList<Sample>> OfDatabaseAsync(Database database, long at, CancellationToken cancellationToken)
    {
        try
        {
            var state = await engines.For(database).ReadStateAsync(database.Location, cancellationToken);
            live.Heard(database.Id, state);
            return Of(database.Id, state, at);
        }
        catch (DatabaseException fault)
        {
            live.Heard(database.Id, fault);
            throw;
        }
        catch (OperationCanceledException)
        {
            live.Heard(database.Id, new DatabaseBusyException("It did not answer in time.", "Somebody may hold it locked, or its disk is slow."));
            throw;
        }
    }

    public static IReadOnlyList<Sample> Of(Guid databaseId, DatabaseState state, long at) =>
    [
        new(SeriesKey.Of(databaseId, Metric.Size), at, state.SizeBytes),
        .. state.Facts
            .Where(fact => fact.Number is not null && Metric.Facts.Contains(fact.Key))
            .Select(fact => new Sample(SeriesKey.Of(databaseId, fact.Key), at, fact.Number!.Value)),
    ];
}
