using Dashboard.Core.Configuration;
using Dashboard.Postgres.Store;
using Dashboard.Sqlite.Store;

namespace Dashboard.Web.Hosting;

internal static class StoreChoice
{
    /// <summary>The engine that the settings name; they were checked before.</summary>
    public static void AddStore(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(DashboardOptions.Section).Get<DashboardOptions>() ?? new DashboardOptions();
        _ = options.Store switch
        {
            StoreEngine.Postgres => builder.Services.AddPostgresStore(options.StoreConnection),
            _ => builder.Services.AddSqliteStore(),
        };
    }
}
