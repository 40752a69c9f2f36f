using Dashboard.Core.Configuration;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Store;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Dashboard.Web.Hosting;

internal static class Opening
{
    /// <summary>The store is there, of this version, and not empty before the first page is asked for.</summary>
    public static async Task PrepareStoreAsync(this WebApplication app)
    {
        var home = app.Services.GetRequiredService<IStoreHome>();
        if (home.IsAsLeft())
        {
            return;
        }

        await home.PrepareAsync(CancellationToken.None);
        await app.Services.GetRequiredService<MakeFirstRun>().MakeAsync(CancellationToken.None);
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
