using System.Net;

namespace Dashboard.Web.Hosting;

/// <summary>
/// Until there is sign-in, whoever reaches the server is the administrator. So only this machine may: the caller's address,
/// the Host it asked for (a foreign name that resolves to this machine is a rebinding attack) and the page that it came from.
/// </summary>
internal static class LocalAddressesOnly
{
    public static void UseLocalAddressesOnly(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (Refusal(context.Connection.RemoteIpAddress, context.Request.Host, context.Request.Headers.Origin.ToString(), context.Request.Scheme) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refusal, context.RequestAborted);
            return;
        }

        await next(context);
    });

    /// <summary>Null when the request is local through and through, otherwise a sentence. Pure.</summary>
    internal static string? Refusal(IPAddress? caller, HostString host, string origin, string scheme)
    {
        // A caller without an address is a test or a socket file of this machine.
        if (caller is not null && !IPAddress.IsLoopback(caller))
        {
            return "This dashboard has no sign-in yet and answers only to browsers on its own machine. Open it there, or through an SSH tunnel: ssh -L 5080:localhost:5080 this-host";
        }

        if (!IsLocalName(host.Host))
        {
            return "This dashboard answers only under the name localhost until it has a sign-in. Open http://localhost:5080.";
        }

        return origin.Length == 0 || string.Equals(origin, $"{scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase)
            ? null
            : "A page of another origin asked for this. Open the dashboard itself.";
    }

    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
