using Dashboard.Core.Databases;

namespace Dashboard.Sqlite.Locations;

/// <summary>What is wrong with the words before any disk is asked. What stands there exactly as typed always wins.</summary>
internal static class CheckWords
{
    private const int LongestPath = 4095;

    public static LocationCheck? Find(string location, out string path)
    {
        path = location;
        if (string.IsNullOrWhiteSpace(location))
        {
            return LocationCheck.Refused("No path is given.", "Type the full path of an SQLite database file.");
        }

        if (location.Contains('\0', StringComparison.Ordinal) || location.Length > LongestPath)
        {
            return LocationCheck.Refused("This can't be a path.", "Type the full path of an SQLite database file.");
        }

        if (Path.IsPathFullyQualified(location) && Path.Exists(location))
        {
            return null;
        }

        path = Unwrap(location);
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            path = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..];
        }

        if (Path.IsPathFullyQualified(path))
        {
            return null;
        }

        if (path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            return LocationCheck.Refused("This is a URI, not a path.", "Type the path alone, without file: and without options.");
        }

        var full = Path.GetFullPath(path);
        return LocationCheck.Refused(
            "This is not a full path.",
            File.Exists(full) ? $"Type {full}." : "Type the path from its beginning, such as /var/lib/shop/shop.db.");
    }

    /// <summary>What comes along when a path is copied from a shell, a chat or a settings file.</summary>
    private static string Unwrap(string location)
    {
        var text = location.Trim();
        while (text.Length > 1 && text[0] == text[^1] && text[0] is '"' or '\'' or '`')
        {
            text = text[1..^1].Trim();
        }

        return text;
    }
}
