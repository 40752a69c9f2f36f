using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Connections;

/// <summary>A URL, read by hand: a password may hold what System.Uri takes for something else, and people paste it as it is.</summary>
internal static partial class UrlText
{
    /// <summary>Parts, or what is wrong with it. A password that is not encoded may hold an @, so each is tried as the last one of the login.</summary>
    /// <param name="rest">What follows "postgresql://".</param>
    public static string? Read(string rest, ConnectionParts parts)
    {
        string? problem = null;
        for (var at = rest.IndexOf('@', StringComparison.Ordinal); at >= 0 || problem is null; at = rest.IndexOf('@', at + 1))
        {
            var tried = new ConnectionParts();
            problem = ReadAt(rest, at, tried, out var isPlain);
            var isLast = at < 0 || rest.IndexOf('@', at + 1) < 0;
            if (isLast || (problem is null && isPlain && !(tried.Values.TryGetValue("tls", out var tls) && tls.Contains('@', StringComparison.Ordinal))))
            {
                parts.Add(tried);
                return problem;
            }

            problem ??= "";
        }

        return problem;
    }

    /// <summary>What follows the host: a database and its parameters.</summary>
    public static string? ReadDatabase(string text, ConnectionParts parts)
    {
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var database = question < 0 ? text : text[..question];
        if (database.Length > 0)
        {
            parts.Values["database"] = Uri.UnescapeDataString(database);
        }

        return ReadQuery(question < 0 ? "" : text[(question + 1)..], parts);
    }

    /// <param name="isPlain">Whether what follows the login looks like an address and not like the rest of a password.</param>
    private static string? ReadAt(string text, int at, ConnectionParts parts, out bool isPlain)
    {
        if (at >= 0)
        {
            var login = text[..at];
            var colon = login.IndexOf(':', StringComparison.Ordinal);
            parts.Values["user"] = Uri.UnescapeDataString(colon < 0 ? login : login[..colon]);
            if (colon >= 0)
            {
                parts.Values["password"] = Uri.UnescapeDataString(login[(colon + 1)..]);
            }
        }

        var rest = text[(at + 1)..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var place = slash < 0 ? rest : rest[..slash];
        isPlain = Place().IsMatch(place) && !rest[(slash + 1)..].Contains('@', StringComparison.Ordinal) && (slash < 0 || !rest[(slash + 1)..].Contains('/', StringComparison.Ordinal));
        if (slash >= 0)
        {
            parts.Values["database"] = Uri.UnescapeDataString(rest[(slash + 1)..]);
        }

        ReadPlace(place, parts);
        return ReadQuery(query, parts);
    }

    private static string? ReadQuery(string query, ConnectionParts parts)
    {
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (pair, "") : (pair[..equals], pair[(equals + 1)..]);
            if (parts.Take(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value)) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static void ReadPlace(string place, ConnectionParts parts)
    {
        // Of several hosts each may have a port; that there are several is what is said.
        if (place.Contains(',', StringComparison.Ordinal))
        {
            parts.Values["host"] = place;
            return;
        }

        var bracket = place.LastIndexOf(']');
        var portAt = place.IndexOf(':', bracket < 0 ? 0 : bracket);
        parts.Values["host"] = Uri.UnescapeDataString((portAt < 0 ? place : place[..portAt]).Trim('[', ']'));
        if (portAt >= 0)
        {
            parts.Values["port"] = place[(portAt + 1)..];
        }
    }

    /// <summary>Hosts with their ports.</summary>
    [GeneratedRegex(@"^(?:(?:\[[^\]@/]*\]|[^\s@/?#:\[\],]*)(?::\d*)?)(?:,(?:\[[^\]@/]*\]|[^\s@/?#:\[\],]*)(?::\d*)?)*$")]
    private static partial Regex Place();
}
