using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Locations;

/// <summary>The parts of a location as fields of a form.</summary>
internal static class LocationForm
{
    public static IReadOnlyList<LocationPart> Parts { get; } =
    [
        new("host", "Host", PartKind.Text, "A name, an address, or the folder of a socket such as /var/run/postgresql."),
        new("port", "Port", PartKind.Number, Default: "5432"),
        new("database", "Database", PartKind.Text, "Empty: as the user is called."),
        new("user", "User", PartKind.Text, "A login of its own is best; what it needs is listed beside."),
        new("password", "Password", PartKind.Secret, "Kept encrypted, and never shown again."),
        new("tls", "TLS", PartKind.Choice, Default: "prefer")
        {
            Choices =
            [
                ("prefer", "where the server offers it"),
                ("require", "always, whoever answers"),
                ("verify-ca", "always, with a certificate that is trusted"),
                ("verify-full", "always, with a trusted certificate of this host"),
                ("disable", "never"),
            ],
        },
        new("certificate", "Certificate of the authority", PartKind.Text, "A file on this machine; empty: those that the system trusts."),
    ];

    /// <summary>A URL with the password in it: for asking, never for keeping.</summary>
    public static string Compose(IReadOnlyDictionary<string, string> parts)
    {
        string Escaped(string key) => Uri.EscapeDataString(Part(key));
        string Part(string key) => parts.TryGetValue(key, out var value) ? key is "password" or "user" or "database" ? value : value.Trim() : "";
        var host = Part("host").Contains(':', StringComparison.Ordinal) ? $"[{Part("host")}]" : Escaped("host");
        var password = Part("password").Length > 0 ? ":" + Escaped("password") : "";
        var query = string.Join('&', new[] { ("sslmode", "tls"), ("sslrootcert", "certificate") }.Where(pair => Part(pair.Item2).Length > 0).Select(pair => $"{pair.Item1}={Escaped(pair.Item2).Replace("%2F", "/", StringComparison.Ordinal)}"));
        return $"postgresql://{Escaped("user")}{password}@{host}{(Part("port").Length > 0 ? ":" + Part("port") : "")}/{Escaped("database")}{(query.Length > 0 ? "?" + query : "")}";
    }

    public static IReadOnlyDictionary<string, string>? Split(string location)
    {
        var text = LocationText.Read(location);
        if (text.Location is not { } at)
        {
            return null;
        }

        var parts = new Dictionary<string, string>
        {
            ["host"] = at.Host,
            ["port"] = at.Port.ToString(CultureInfo.InvariantCulture),
            ["database"] = at.Database,
            ["user"] = at.User,
            ["tls"] = at.TlsWord,
        };
        if (text.Password is { } password)
        {
            parts["password"] = password;
        }

        if (at.RootCertificate is { } certificate)
        {
            parts["certificate"] = certificate;
        }

        return parts;
    }
}
