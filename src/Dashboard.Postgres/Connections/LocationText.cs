using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>What a text says of a database: a URL, libpq's "host=… dbname=…", or a connection string of .NET.</summary>
/// <param name="Location">Null when something is wrong with it.</param>
/// <param name="Password">What stood in the text; null when none did.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
internal sealed record LocationText(PostgresLocation? Location, string? Password, string? Problem)
{
    /// <summary>What other programs need and this one does not, or sets itself.</summary>
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_name", "fallback_application_name", "connect_timeout", "channel_binding", "client_encoding", "pool_max_conns", "pgbouncer", "schema",
        "gssencmode", "target_session_attrs", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "sslnegotiation",
        "applicationname", "pooling", "timeout", "commandtimeout", "maxpoolsize", "minpoolsize", "maximumpoolsize", "minimumpoolsize", "keepalive", "trustservercertificate",
        "includeerrordetail", "persistsecurityinfo", "encoding", "connectionlifetime", "connectionidlelifetime", "noresetonclose", "maxautoprepare", "gssencryptionmode",
    };

    /// <summary>Bad input is an answer.</summary>
    public static LocationText Read(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Any(char.IsControl))
        {
            return Wrong("The address holds a line break or another control character.");
        }

        var parts = new Dictionary<string, string>();
        var problem = trimmed.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || trimmed.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
            ? ReadUrl(trimmed, parts)
            : trimmed.Contains('=', StringComparison.Ordinal) ? ReadPairs(trimmed, parts)
            : "This is neither a URL (postgresql://user:password@host/database) nor a connection string (host=… dbname=… user=…).";
        return problem is null ? Of(parts) : Wrong(problem);
    }

    /// <summary>The parts of the form, by their keys.</summary>
    public static LocationText Of(IReadOnlyDictionary<string, string> parts)
    {
        string? Part(string key) => parts.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

        // Names of databases and users, and passwords, may begin and end with spaces: what is quoted, percent-encoded or typed into a field is taken as it is.
        var (host, user) = (Part("host")?.Trim(), Part("user"));
        var database = Part("database") ?? user;
        if (host is null)
        {
            return Wrong("The host is missing.");
        }

        if (host.Contains(',', StringComparison.Ordinal))
        {
            return Wrong("More than one host is given. Name the one that is to be watched.");
        }

        if (user is null)
        {
            return Wrong("The user is missing.");
        }

        if (!int.TryParse(Part("port")?.Trim() ?? "5432", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return Wrong($"“{Part("port")}” is no port: it is a number from 1 to 65535, usually 5432.");
        }

        return ReadTls(Part("tls")?.Trim() ?? "prefer") is { } tls
            ? new LocationText(new PostgresLocation(host, port, database!, user, tls, Part("certificate")?.Trim()), Part("password"), null)
            : Wrong($"“{Part("tls")}” is no TLS mode: disable, prefer, require, verify-ca and verify-full are.");
    }

    /// <summary>All names of one thing.</summary>
    private static string? KeyOf(string name) => name.ToUpperInvariant() switch
    {
        "HOST" or "SERVER" or "HOSTADDR" or "DATASOURCE" => "host",
        "PORT" => "port",
        "DBNAME" or "DATABASE" or "INITIALCATALOG" or "DB" => "database",
        "USER" or "USERNAME" or "USERID" or "UID" => "user",
        "PASSWORD" or "PWD" => "password",
        "SSLMODE" or "TLS" => "tls",
        "SSLROOTCERT" or "ROOTCERTIFICATE" => "certificate",
        _ => null,
    };

    private static LocationText Wrong(string problem) => new(null, null, problem);

    private static SslMode? ReadTls(string word) => word.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "DISABLE" => SslMode.Disable,
        "ALLOW" => SslMode.Allow,
        "PREFER" => SslMode.Prefer,
        "REQUIRE" => SslMode.Require,
        "VERIFYCA" => SslMode.VerifyCA,
        "VERIFYFULL" => SslMode.VerifyFull,
        _ => null,
    };

    /// <summary>By hand: a password may hold what System.Uri takes for something else, and people paste it as it is.</summary>
    private static string? ReadUrl(string url, Dictionary<string, string> parts)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            var login = rest[..at];
            var colon = login.IndexOf(':', StringComparison.Ordinal);
            parts["user"] = Uri.UnescapeDataString(colon < 0 ? login : login[..colon]);
            if (colon >= 0)
            {
                parts["password"] = Uri.UnescapeDataString(login[(colon + 1)..]);
            }
        }

        rest = rest[(at + 1)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            parts["database"] = Uri.UnescapeDataString(rest[(slash + 1)..]);
        }

        var place = slash < 0 ? rest : rest[..slash];
        var bracket = place.LastIndexOf(']');
        var portAt = place.IndexOf(':', bracket < 0 ? 0 : bracket);
        parts["host"] = Uri.UnescapeDataString((portAt < 0 ? place : place[..portAt]).Trim('[', ']'));
        if (portAt >= 0)
        {
            parts["port"] = place[(portAt + 1)..];
        }

        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (Take(parts, Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]), equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..])) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? ReadPairs(string text, Dictionary<string, string> parts)
    {
        try
        {
            var pairs = text.Contains(';', StringComparison.Ordinal) || !text.Contains(' ', StringComparison.Ordinal) ? SplitNet(text) : SplitLibpq(text);
            return pairs.Select(pair => Take(parts, pair.Key, pair.Value)).FirstOrDefault(problem => problem is not null);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            return "This connection string can't be read: a quote or an equals sign is missing.";
        }
    }

    private static string? Take(Dictionary<string, string> parts, string name, string value)
    {
        var plain = name.Replace(" ", "", StringComparison.Ordinal);
        if (KeyOf(plain) is { } key)
        {
            parts[key] = value;
            return null;
        }

        return Ignored.Contains(plain) ? null : $"“{name}” can't be used here. Leave it out.";
    }

    private static List<KeyValuePair<string, string>> SplitNet(string text)
    {
        var builder = new DbConnectionStringBuilder { ConnectionString = text };
        return [.. builder.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, Convert.ToString(builder[key], CultureInfo.InvariantCulture) ?? ""))];
    }

    /// <summary>"host=db user='a b' password='it\'s'".</summary>
    private static List<KeyValuePair<string, string>> SplitLibpq(string text)
    {
        List<KeyValuePair<string, string>> pairs = [];
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                return text[at..].Trim().Length == 0 ? pairs : throw new FormatException();
            }

            var key = text[at..equals].Trim();
            at = equals + 1;
            while (at < text.Length && text[at] == ' ')
            {
                at++;
            }

            var isQuoted = at < text.Length && text[at] == '\'';
            at += isQuoted ? 1 : 0;
            var value = new System.Text.StringBuilder();
            while (at < text.Length && text[at] != (isQuoted ? '\'' : ' '))
            {
                at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
                value.Append(text[at++]);
            }

            if (isQuoted && at >= text.Length)
            {
                throw new FormatException();
            }

            at++;
            pairs.Add(KeyValuePair.Create(key, value.ToString()));
        }

        return pairs;
    }
}
