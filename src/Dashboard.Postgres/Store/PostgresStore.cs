using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.Postgres.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Postgres.Store;

/// <summary>The dashboard's store in a PostgreSQL database of its own.</summary>
public static class PostgresStore
{
    /// <summary>The store on a server that is open already.</summary>
    internal static void Use(DbContextOptionsBuilder options, StoreServer server) => options
        .UseNpgsql(server.Source, postgres => postgres.MigrationsAssembly(typeof(PostgresStore).Assembly))
        .AddInterceptors(LikeInAnyCase.Instance, OnlyWhatTextCanHold.Instance);

    /// <exception cref="StoreException">When the words make no connection.</exception>
    public static IServiceCollection AddPostgresStore(this IServiceCollection services, string connection)
    {
        // Read now: what is wrong with them is told before anything is opened.
        var words = StoreServer.Read(connection);
        return services
            .AddSingleton(_ => new StoreServer(words))
            .AddDbContextFactory<DashboardStore>((provider, options) => Use(options, provider.GetRequiredService<StoreServer>()))
            .AddSingleton<IStoreHome, PostgresStoreHome>()
            .AddSingleton<ISampleStore, PostgresSampleStore>();
    }

    /// <summary>Creates the store, or brings it to this version. Each migration is a transaction, so a kill leaves one version or the next.</summary>
    /// <exception cref="StoreIsNewerException">When a newer version of the dashboard has written it.</exception>
    internal static async Task PrepareAsync(IDbContextFactory<DashboardStore> stores, string place, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var known = store.Database.GetMigrations().ToHashSet();
        var applied = (await store.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Where(migration => !known.Contains(migration)).ToList() is { Count: > 0 } newer)
        {
            throw new StoreIsNewerException(place, newer[^1], "choose another database with Dashboard:StoreConnection");
        }

        if (applied.Count < known.Count)
        {
            await store.Database.MigrateAsync(cancellationToken);
        }
    }
}
