using System.Net;

namespace Dashboard.Web.Hosting;

/// <summary>
/// Until there is sign-in, whoever is let in is the administrator. So only this machine may: the caller's address, the Host it asked for (a foreign
/// name that resolves to this machine is a rebinding attack), the page that it came from, no proxy between, and a <see cref="LocalPass"/>.
/// </summary>
internal static class LocalAddressesOnly
{
    /// <summary>What proxies say of those they ask for. Not all do: the pass is what holds, and this tells why nothing opens behind them.</summary>
    private static readonly string[] OfProxies = ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-For", "X-Original-Host", "True-Client-IP", "CF-Connecting-IP"];

    public static void UseLocalAddressesOnly(this WebApplication app)
    {
        var pass = app.Services.GetRequiredService<LocalPass>();
        app.Use((context, next) => AnswerAsync(context, next, pass));
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, LocalPass pass)
    {
        var request = context.Request;
        if ((OfProxy(request.Headers) ?? Refusal(context.Connection.RemoteIpAddress, request.Host, request.Headers.Origin.ToString(), request.Scheme)) is { } refusal)
        {
            await RefuseAsync(context, refusal);
        }
        else if (IsOpenToAll(request.Path) || pass.LetsIn(request))
        {
            await (IsPath(request.Path, Urls.Open) ? OpenAsync(context, pass) : next(context));
        }
        else if (IsPath(request.Path, Urls.Open))
        {
            await OpenAsync(context, pass);
        }
        else if (HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            await OpenPage.ShowAsync(context, StatusCodes.Status403Forbidden);
        }
        else
        {
            await RefuseAsync(context, "This dashboard has no sign-in yet. Open it with the link that it printed when it started; the same link is in the file open-link in its data folder. A script sends what stands behind the #: Authorization: Bearer …");
        }
    }

    private static Task OpenAsync(HttpContext context, LocalPass pass) =>
        HttpMethods.IsPost(context.Request.Method) ? OpenPage.TakeAsync(context, pass) : OpenPage.ShowAsync(context, StatusCodes.Status200OK);

    /// <summary>For whoever watches the process: they name nothing and change nothing.</summary>
    private static bool IsOpenToAll(PathString path) => IsPath(path, Urls.Live) || IsPath(path, Urls.Ready);

    private static bool IsPath(PathString path, string one) => string.Equals(path.Value, one, StringComparison.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, string refusal)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(refusal, context.RequestAborted);
    }

    /// <summary>Null when nothing in the headers tells of a proxy, otherwise a sentence. Pure.</summary>
    internal static string? OfProxy(IHeaderDictionary headers) =>
        headers.Keys.FirstOrDefault(key => OfProxies.Contains(key, StringComparer.OrdinalIgnoreCase) || key.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase)) is { } header
            ? $"This request came through a proxy ({header}). Without a sign-in the dashboard is not served to others: open it on its own machine, or through an SSH tunnel: ssh -L 5080:localhost:5080 this-host"
            : null;

    /// <summary>Null when the request is local through and through, otherwise a sentence. Pure.</summary>
    internal static string? Refusal(IPAddress? caller, HostString host, string origin, string scheme)
    {
        // A caller without an address comes through a socket file of this machine.
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
