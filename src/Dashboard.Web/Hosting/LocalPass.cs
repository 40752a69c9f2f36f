using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Core.Configuration;
using Microsoft.AspNetCore.DataProtection;

namespace Dashboard.Web.Hosting;

/// <summary>
/// The way in while there is no sign-in. A proxy on the same machine asks from the loopback address and, with its default settings, under the
/// name localhost without a word about itself (nginx): no look at a request tells it from a person. So whoever comes must show that they saw the
/// start of the program or may read its data folder: its link holds a token, and the token makes the cookie of the local administrator.
/// </summary>
internal sealed class LocalPass(IDataProtectionProvider keys, DataFolder data)
{
    /// <summary>Behind "#", which no browser sends: it reaches neither a log of a proxy nor a Referer.</summary>
    public const char Mark = '#';

    private const string Bearer = "Bearer ";

    /// <summary>Its holder opens the dashboard now and then; after this the link is opened once more.</summary>
    private static readonly TimeSpan CookieLives = TimeSpan.FromDays(180);

    private readonly ITimeLimitedDataProtector _protector = keys.CreateProtector("Dashboard.LocalPass").ToTimeLimitedDataProtector();

    /// <summary>128 bits, new with each start.</summary>
    public string Token { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>Cookies know no ports: two dashboards of one machine must not overwrite each other's.</summary>
    public string CookieName { get; } = "dashboard-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data.Path)))[..8];

    /// <summary>Where the link of this start is kept, for who does not see what the program prints.</summary>
    public string LinkFile => Path.Combine(data.Path, "open-link");

    public string LinkAt(string address) => $"{address.TrimEnd('/')}{Urls.Open}{Mark}{Token}";

    /// <summary>Whether the caller was let in before, or brings the token itself, as a script does.</summary>
    public bool LetsIn(HttpRequest request) =>
        (request.Cookies.TryGetValue(CookieName, out var cookie) && IsOurs(cookie))
        || (request.Headers.Authorization.ToString() is { Length: > 0 } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && IsToken(header[Bearer.Length..].Trim()));

    public bool IsToken(string word) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(word)), SHA256.HashData(Encoding.UTF8.GetBytes(Token)));

    public void LetIn(HttpContext context) => context.Response.Cookies.Append(CookieName, Make(), new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        MaxAge = CookieLives,
        IsEssential = true,
        Path = "/",
    });

    internal string Make() => _protector.Protect(Core.Access.Actor.LocalAdministrator.Name, CookieLives);

    private bool IsOurs(string cookie)
    {
        try
        {
            return _protector.Unprotect(cookie) == Core.Access.Actor.LocalAdministrator.Name;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
