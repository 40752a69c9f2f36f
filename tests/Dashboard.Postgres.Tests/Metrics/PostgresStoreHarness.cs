using Dashboard.Core.Metrics;
using Dashboard.EngineSpecs;
using Dashboard.Postgres.Metrics;
using Dashboard.Postgres.Tests.Store;

namespace Dashboard.Postgres.Tests.Metrics;

/// <summary>A real store, made by its migrations alone.</summary>
public sealed class PostgresStoreHarness : StoreHarness
{
    /// <summary>A part of a few series of an hour, so that every test has many of them.</summary>
    private const int RowsOfAPart = 200;

    private readonly List<PostgresSampleStore> _opened = [];

    public MigratedDatabase? Database { get; private set; }

    public override async Task<ISampleStore> OpenAsync()
    {
        Database ??= await MigratedDatabase.CreateAsync();
        _opened.Add(new PostgresSampleStore(Database.Server, RowsOfAPart));
        return _opened[^1];
    }

    public override async ValueTask DisposeAsync()
    {
        _opened.ForEach(store => store.Dispose());
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }
}
