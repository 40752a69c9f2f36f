using System.Text;

namespace Dashboard.Postgres.Connections;

/// <summary>"PGPASSWORD=… psql -h db -U app shop", as somebody has it in a terminal.</summary>
internal static class PsqlCommand
{
    private const string InContainer = "This runs psql on another machine or in a container. Give the address by which this machine reaches the server.";

    private static readonly HashSet<string> Elsewhere = new(StringComparer.Ordinal) { "docker", "podman", "kubectl", "ssh", "docker-compose", "nerdctl", "lxc", "heroku", "fly" };

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["-h"] = "host",
        ["--host"] = "host",
        ["-p"] = "port",
        ["--port"] = "port",
        ["-U"] = "user",
        ["--username"] = "user",
        ["-d"] = "database",
        ["--dbname"] = "database",
    };

    /// <summary>Those that take a value and say nothing of where to connect.</summary>
    private static readonly HashSet<string> WithValue = new(StringComparer.Ordinal)
    {
        "-c", "--command", "-f", "--file", "-v", "--set", "--variable", "-o", "--output", "-P", "--pset", "-F", "--field-separator", "-R", "--record-separator",
        "-T", "--table-attr", "-L", "--log-file",
    };

    /// <summary>Null when it is no such command.</summary>
    public static Func<ConnectionParts, Func<string, ConnectionParts, string?>, string?>? Find(string text)
    {
        var words = Split(text);
        var first = words.FindIndex(word => !IsAssignment(word));
        return first < 0 ? null
            : IsPsql(words[first]) ? (parts, readAddress) => Read(words, first, parts, readAddress)
            : Elsewhere.Contains(words[first]) && words.Exists(IsPsql) ? (_, _) => InContainer
            : null;
    }

    private static string? Read(List<string> words, int first, ConnectionParts parts, Func<string, ConnectionParts, string?> readAddress)
    {
        foreach (var assignment in words.Take(first))
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (ConnectionParts.KeyOf(assignment[..equals]) is { } key)
            {
                parts.Values[key] = assignment[(equals + 1)..];
            }
        }

        List<string> places = [];
        for (var at = first + 1; at < words.Count; at++)
        {
            var (option, value) = Part(words[at]);
            if (!option.StartsWith('-') || option == "-")
            {
                places.Add(words[at]);
            }
            else if (Keys.TryGetValue(option, out var key) || WithValue.Contains(option))
            {
                value ??= at + 1 < words.Count ? words[++at] : "";
                if (key == "database")
                {
                    places.Insert(0, value);
                }
                else if (key is not null)
                {
                    parts.Values[key] = value;
                }
            }
        }

        if (places.Count > 1)
        {
            parts.Values["user"] = places[1];
        }

        if (places.Count == 0)
        {
            return null;
        }

        if (places[0].Contains("://", StringComparison.Ordinal) || places[0].Contains('=', StringComparison.Ordinal))
        {
            return readAddress(places[0], parts);
        }

        parts.Values["database"] = places[0];
        return null;
    }

    /// <summary>"--host=db" and "-hdb" hold their value.</summary>
    private static (string Option, string? Value) Part(string word)
    {
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
        }

        return word.Length > 2 && word[0] == '-' && (Keys.ContainsKey(word[..2]) || WithValue.Contains(word[..2])) ? (word[..2], word[2..]) : (word, null);
    }

    private static bool IsPsql(string word) => word.Split('/', '\\')[^1] is "psql" or "psql.exe";

    private static bool IsAssignment(string word) => word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && word[..equals].All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    /// <summary>As a shell parts words: quotes hold together, a backslash takes the next letter as it is.</summary>
    private static List<string> Split(string text)
    {
        List<string> words = [];
        var word = new StringBuilder();
        var (quote, isOpen) = ('\0', false);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == '\\' && quote != '\'' && at + 1 < text.Length)
            {
                word.Append(text[++at]);
                isOpen = true;
            }
            else if (quote != '\0' ? letter == quote : letter is '\'' or '"')
            {
                (quote, isOpen) = (quote == '\0' ? letter : '\0', true);
            }
            else if (quote == '\0' && letter == ' ')
            {
                if (isOpen)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                isOpen = false;
            }
            else
            {
                word.Append(letter);
                isOpen = true;
            }
        }

        if (isOpen)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
