using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Dashboard.Postgres;

public static class PostgresRegistration
{
    public static IServiceCollection AddPostgres(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<IDatabaseEngine>(provider => new PostgresEngine(
            provider.GetRequiredService<ILogins>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<DashboardOptions>>().Value.PostgresTools));
    }
}
