using Dashboard.Core.Configuration;
using Dashboard.Core.Files;
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

    public static void SayWhereItIs(this WebApplication app)
    {
        var pass = app.Services.GetRequiredService<LocalPass>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var links = addresses.Select(address => pass.LinkAt(NameOf(address))).ToList();
            KeepLinks(pass, links);
            Console.WriteLine($"""

                Dashboard    {string.Join("  ", addresses)}
                Open         {string.Join("  ", links)}
                Data folder  {app.Services.GetRequiredService<DataFolder>().Path}
                It has no sign-in yet: it answers only to browsers on this machine that opened this link once. Ctrl+C stops it.

                """);
        });
        app.Lifetime.ApplicationStopped.Register(() => File.Delete(pass.LinkFile));
    }

    /// <summary>A cookie belongs to a name: the one that people type.</summary>
    private static string NameOf(string address) =>
        Uri.TryCreate(address.Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal), UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? $"{uri.Scheme}://localhost:{uri.Port}"
            : address;

    /// <summary>Readable by its owner only. Where it can't be written, the printed line has to do.</summary>
    private static void KeepLinks(LocalPass pass, List<string> links)
    {
        try
        {
            File.Delete(pass.LinkFile);
            using var file = new StreamWriter(DurableFiles.CreatePrivate(pass.LinkFile));
            links.ForEach(file.WriteLine);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{pass.LinkFile} could not be written: {fault.Message}");
        }
    }
}
