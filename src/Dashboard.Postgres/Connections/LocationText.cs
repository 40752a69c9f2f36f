using System.Globalization;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>
/// What a text says of a database: a URL, libpq's "host=… dbname=…", a connection string of .NET, or one of those as people find it, in quotes, behind
/// NAME=, jdbc: or psql.
/// </summary>
/// <param name="Location">Null when something is wrong with it.</param>
/// <param name="Password">What stood in the text; null when none did.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
internal sealed record LocationText(PostgresLocation? Location, string? Password, string? Problem)
{
    /// <summary>Parameters that were passed over, by their names.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>What a person should know of how it was read; null when there is nothing.</summary>
    public string? Remark => Ignored.Count == 0 ? null : $"Ignored here, because only an application or its pooler uses it: {string.Join(", ", Ignored)}.";

    /// <summary>Bad input is an answer.</summary>
    public static LocationText Read(string text)
    {
        var parts = new ConnectionParts();
        return PastedText.Read(text, parts) is { } problem ? Wrong(problem) : Of(parts.Values) with { Ignored = parts.Ignored };
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
            return Wrong("The port is not a number from 1 to 65535. It is usually 5432.");
        }

        return ReadTls(Part("tls")?.Trim() ?? "prefer") is { } tls
            ? new LocationText(new PostgresLocation(host, port, database!, user, tls, Part("certificate")?.Trim()), Part("password"), null)
            : Wrong($"“{Part("tls")}” is no TLS mode: disable, prefer, require, verify-ca and verify-full are.");
    }

    private static LocationText Wrong(string problem) => new(null, null, problem);

    private static SslMode? ReadTls(string word) => word.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "DISABLE" => SslMode.Disable,
        "ALLOW" => SslMode.Allow,
        "PREFER" => SslMode.Prefer,

        // node-postgres calls it no-verify.
        "REQUIRE" or "NOVERIFY" => SslMode.Require,
        "VERIFYCA" => SslMode.VerifyCA,
        "VERIFYFULL" => SslMode.VerifyFull,
        _ => null,
    };
}
