using System.Globalization;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>Where a database is and as whom it is used. Its text is the location that the store keeps: never with a password.</summary>
/// <param name="Host">A name, an address, or the folder of a socket.</param>
/// <param name="RootCertificate">A file with the certificates that the server's is checked against; null for those of the system.</param>
internal sealed record PostgresLocation(string Host, int Port, string Database, string User, SslMode Tls, string? RootCertificate)
{
    public const int DefaultPort = 5432;

    /// <summary>What logins are kept by.</summary>
    public string Server => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>"db.example.org:5433", and without the port where it is the usual one: for sentences.</summary>
    public string ServerWords => Port == DefaultPort ? Host : Server;

    /// <summary>As libpq writes it.</summary>
    public string TlsWord => Tls switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => "prefer",
    };

    /// <exception cref="FormatException">When it is not what <see cref="ToString"/> gives.</exception>
    public static PostgresLocation Parse(string location) =>
        LocationText.Read(location) is { Location: { } found } ? found : throw new FormatException("This is not the location of a PostgreSQL database.");

    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Uri.EscapeDataString(Host);
        var certificate = RootCertificate is null ? "" : "&sslrootcert=" + Uri.EscapeDataString(RootCertificate).Replace("%2F", "/", StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{Uri.EscapeDataString(User)}@{host}:{Port}/{Uri.EscapeDataString(Database)}?sslmode={TlsWord}{certificate}");
    }
}
