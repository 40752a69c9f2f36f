using Dashboard.Core.Configuration;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Web.Hosting;

internal static class Opening
{
    /// <summary>The store is there, of this version, and not empty before the first page is asked for.</summary>
    public static async Task PrepareStoreAsync(this WebApplication app)
    {
        var services = app.Services;
        if (SqliteStore.IsAsLeft(services.GetRequiredService<DataFolder>()))
        {
            return;
        }

        await SqliteStore.PrepareAsync(services.GetRequiredService<IDbContextFactory<DashboardStore>>(), services.GetRequiredService<DataFolder>(), services.GetRequiredService<TimeProvider>(), CancellationToken.None);
        await services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
    }

    public static void SayWhereItIs(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Console.WriteLine($"""

            Dashboard    {string.Join("  ", addresses)}
            Data folder  {app.Services.GetRequiredService<DataFolder>().Path}
            It has no sign-in yet, so it answers only to browsers on this machine. Ctrl+C stops it.

            """);
    });
}
