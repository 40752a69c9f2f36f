using System.Globalization;
using System.Text;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Tools;

/// <summary>What a tool connects to.</summary>
/// <param name="Database">Of the same server, whatever the location says.</param>
/// <param name="Application">By which its sessions are found again.</param>
internal sealed record ToolTarget(PostgresLocation At, string Database, string? Password, string Application)
{
    /// <summary>The certificates that the system trusts, where a client older than 16 would look for none.</summary>
    private static readonly string[] SystemCertificates = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

    public static string NewApplication(string word) => $"{PostgresConnections.ApplicationName} {word} {Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Each value quoted: a database called "host=elsewhere" is a name and nothing else. Without the password.</summary>
    public string ToConnectionText(ToolSet tools)
    {
        var text = new StringBuilder();
        Add("host", At.Host);
        Add("port", At.Port.ToString(CultureInfo.InvariantCulture));
        Add("user", At.User);
        Add("dbname", Database);
        Add("sslmode", At.TlsWord);
        if (RootCertificate(tools) is { } certificate)
        {
            Add("sslrootcert", certificate);
        }

        Add("application_name", Application);
        Add("connect_timeout", "10");
        Add("keepalives_idle", "10");
        return text.ToString().TrimEnd();

        void Add(string key, string value) => text.Append(key).Append("='").Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append("' ");
    }

    private string? RootCertificate(ToolSet tools) =>
        At.RootCertificate ?? (At.Tls is not (SslMode.VerifyCA or SslMode.VerifyFull) ? null : tools.Version.Major >= 16 ? "system" : SystemCertificates.FirstOrDefault(File.Exists));
}
