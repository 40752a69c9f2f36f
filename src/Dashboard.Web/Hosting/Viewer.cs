using Dashboard.Core.Access;

namespace Dashboard.Web.Hosting;

/// <summary>The person in front of this page: who they are, and the time zone of their browser.</summary>
public sealed class Viewer
{
    /// <summary>Until there is sign-in, the person at this machine.</summary>
    public Actor Actor { get; } = Actor.LocalAdministrator;

    /// <summary>From the cookie that the page sets; the server's own until the browser has said.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Local;

    public void UseZone(string? id)
    {
        // Another name of the same zone is no other zone: the page would be drawn anew for nothing.
        if (id is { Length: > 0 and < 80 } && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && !zone.HasSameRules(Zone))
        {
            Zone = zone;
        }
    }
}

internal static class ViewerRegistration
{
    public static IServiceCollection AddViewer(this IServiceCollection services) => services.AddScoped<Viewer>().AddScoped<Tab>().AddSingleton<LocalPass>();
}
