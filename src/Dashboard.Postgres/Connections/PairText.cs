using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Dashboard.Postgres.Connections;

/// <summary>"host=db dbname=shop" as libpq takes it, or "Host=db;Database=shop" as .NET does.</summary>
internal static class PairText
{
    /// <summary>Parts, or what is wrong. A semicolon may part two pairs or be in a password: whichever way of reading gives an address is the one.</summary>
    public static string? Read(string text, ConnectionParts parts)
    {
        var (libpq, net) = (new ConnectionParts(), new ConnectionParts());
        var libpqProblem = ReadLibpq(text, libpq, out var hasBareSemicolon);
        var netProblem = ReadNet(text, net);
        var isNet = libpqProblem is not null && netProblem is null ? true
            : libpqProblem is null && netProblem is not null ? false
            : hasBareSemicolon || (libpqProblem is not null && text.Contains(';', StringComparison.Ordinal));
        parts.Add(isNet ? net : libpq);
        return isNet ? netProblem : libpqProblem;
    }

    private static string? ReadNet(string text, ConnectionParts parts)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = text };
            var pairs = builder.Keys.Cast<string>().Select(key => (Key: key, Value: Convert.ToString(builder[key], CultureInfo.InvariantCulture) ?? ""));

            // What is known comes first: then it is known whether there is a password that must not be repeated.
            return pairs.OrderBy(pair => ConnectionParts.IsKnown(pair.Key) ? 0 : 1).Select(pair => parts.Take(pair.Key, pair.Value)).FirstOrDefault(problem => problem is not null);
        }
        catch (ArgumentException)
        {
            return "This connection string can't be read: a quote or an equals sign is missing, or a value that holds a semicolon is not in quotes.";
        }
    }

    /// <summary>"host=db user='a b' password='it\'s'".</summary>
    private static string? ReadLibpq(string text, ConnectionParts parts, out bool hasBareSemicolon)
    {
        hasBareSemicolon = false;
        var at = 0;
        string? problem = null;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
            {
                return text[at..].Trim().Length == 0 ? problem : "This connection string can't be read: an equals sign is missing.";
            }

            var key = text[at..equals].Trim();
            at = equals + 1;
            while (at < text.Length && text[at] == ' ')
            {
                at++;
            }

            var isQuoted = at < text.Length && text[at] == '\'';
            at += isQuoted ? 1 : 0;
            var value = new StringBuilder();
            while (at < text.Length && text[at] != (isQuoted ? '\'' : ' '))
            {
                hasBareSemicolon |= !isQuoted && text[at] == ';';
                at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
                value.Append(text[at++]);
            }

            if (isQuoted && at >= text.Length)
            {
                return "This connection string can't be read: a quote is not closed.";
            }

            at++;
            problem ??= parts.Take(key, value.ToString());
        }

        return problem;
    }
}
