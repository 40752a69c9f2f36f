using Dashboard.Core.Databases;
using Dashboard.Sqlite.Samples;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dashboard.Sqlite;

public static class SqliteRegistration
{
    /// <exception cref="NotSupportedException">When the SQLite of this build is not safe to use.</exception>
    public static IServiceCollection AddSqlite(this IServiceCollection services)
    {
        SqliteVersionGuard.DemandSafeVersion();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IDatabaseEngine, SqliteEngine>();
        services.AddSingleton<ISampleDatabase, SqliteSample>();
        return services;
    }
}
