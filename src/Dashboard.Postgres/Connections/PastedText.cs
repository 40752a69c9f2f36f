using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Connections;

/// <summary>An address as it stands where people copy it from: a .env file, a compose file, a terminal, the settings of an application.</summary>
internal static partial class PastedText
{
    private const string Neither =
        "This is neither a URL (postgresql://user:password@host/database) nor a connection string (host=… dbname=… user=…).";

    private const int MostLayers = 4;

    private static readonly HashSet<string> Schemes = new(StringComparer.OrdinalIgnoreCase) { "postgres", "postgresql", "pgsql", "psql", "postgis", "timescale", "timescaledb" };

    /// <summary>Parts, or what is wrong with it, in a sentence.</summary>
    public static string? Read(string text, ConnectionParts parts) => Read(text, parts, MostLayers);

    private static string? Read(string text, ConnectionParts parts, int layers)
    {
        var plain = Unquote(text.Trim());
        if (plain.Any(char.IsControl))
        {
            return "The address holds a line break or another control character.";
        }

        if (Scheme().Match(plain) is { Success: true } scheme)
        {
            return Schemes.Contains(scheme.Groups["name"].Value)
                ? UrlText.Read(plain[scheme.Length..], parts)
                : $"This is an address of {scheme.Groups["name"].Value}, not of PostgreSQL. PostgreSQL's begin with postgresql://.";
        }

        if (JdbcWithoutHost().Match(plain) is { Success: true } local)
        {
            parts.Values["host"] = "localhost";
            return UrlText.ReadDatabase(plain[local.Length..], parts);
        }

        if (PsqlCommand.Find(plain) is { } command)
        {
            return command(parts, (address, into) => Read(address, into, layers - 1));
        }

        return Named().Match(plain) is { Success: true } named && layers > 0 && !ConnectionParts.IsKnown(named.Groups["name"].Value) && IsAddress(named.Groups["value"].Value)
                ? Read(named.Groups["value"].Value.TrimEnd(',', ' '), parts, layers - 1)
            : plain.Contains('=', StringComparison.Ordinal) ? PairText.Read(plain, parts)
            : Neither;
    }

    private static bool IsAddress(string value)
    {
        var plain = Unquote(value.TrimEnd(',', ' '));
        return Scheme().IsMatch(plain) || JdbcWithoutHost().IsMatch(plain) || (Pair().Match(plain) is { Success: true } first && ConnectionParts.IsKnown(first.Groups["name"].Value));
    }

    /// <summary>Quotes around all of it, and what stands behind them at the end of a line of a program.</summary>
    private static string Unquote(string text)
    {
        while (Quoted().Match(text) is { Success: true } quoted)
        {
            text = quoted.Groups["inside"].Value.Trim();
        }

        return text;
    }

    /// <summary>"postgresql+psycopg2://", "jdbc:postgresql://", "r2dbc:pool:postgresql://".</summary>
    [GeneratedRegex(@"^(?:(?:jdbc|r2dbc)(?::[a-z0-9]+)*?:)?(?<name>[a-z][a-z0-9.-]*)(?:\+[a-z0-9_.-]+)?://", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    /// <summary>"jdbc:postgresql:shop": pgJDBC then takes localhost.</summary>
    [GeneratedRegex("^jdbc:postgresql:/?(?!/)", RegexOptions.IgnoreCase)]
    private static partial Regex JdbcWithoutHost();

    /// <summary>"DATABASE_URL=…", "export DATABASE_URL=…", "- DATABASE_URL: …", "\"Default\": \"…\"".</summary>
    [GeneratedRegex("""^(?:-\s+)?(?:(?:export|set|setx|declare\s+-x|ENV|-e|--env)\s+)?(?:\$env:)?["']?(?<name>[A-Za-z_][\w.:-]*?)["']?\s*(?:=|:)\s*(?<value>\S.*)$""", RegexOptions.IgnoreCase)]
    private static partial Regex Named();

    [GeneratedRegex(@"^(?<name>[A-Za-z][A-Za-z_ ]*?)\s*=")]
    private static partial Regex Pair();

    /// <summary>What is inside holds no such quote, or begins as a URL, whose password may hold anything.</summary>
    [GeneratedRegex("""^(?:"(?<inside>[^"]*|[a-z][a-z0-9+.:-]*://.*)"|'(?<inside>[^']*|[a-z][a-z0-9+.:-]*://.*)'|`(?<inside>[^`]*)`|“(?<inside>[^”]*)”|‘(?<inside>[^’]*)’|<(?<inside>[^>]*)>)[,;]?$""", RegexOptions.IgnoreCase)]
    private static partial Regex Quoted();
}
