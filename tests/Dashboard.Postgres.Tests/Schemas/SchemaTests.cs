using Dashboard.Core.Databases;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

/// <summary>A database of each test's own, made by its statements.</summary>
public abstract class SchemaTests : IAsyncLifetime
{
    protected static TimeSpan Plenty { get; } = TimeSpan.FromSeconds(10);

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    protected PostgresHarness Harness { get; } = new();

    protected IDatabaseEngine Engine => Harness.Engine;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>Its location.</returns>
    protected async Task<string> CreateAsync(params string[] statements)
    {
        var name = Harness.Own("schema");
        await TestServer.CreateDatabaseAsync(name);
        await using var connection = await PostgresHarness.OpenAsync(name);
        foreach (var statement in statements)
        {
            await PostgresHarness.ExecuteAsync(connection, statement);
        }

        return PostgresHarness.LocationOf(name);
    }

    protected static Task ExecuteAsync(string location, string sql) => PostgresHarness.ExecuteAsync(PostgresHarness.DatabaseOf(location), sql);

    protected static Task<IReadOnlyList<string>> TextsAsync(string location, string sql) => PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), sql);

    protected async Task<TableFacts> FindAsync(string location, string table, TimeSpan? budget = null) =>
        (await Engine.ReadTablesAsync(location, budget ?? Plenty, Now)).Tables.Single(one => one.Name == table);
}
