using Dashboard.Core.Databases;

namespace Dashboard.Sqlite.Locations;

/// <summary>Looks at a path that somebody types: first at the words, then at the path, then into the file.</summary>
internal static class CheckLocation
{
    public static LocationCheck Run(string location, TimeProvider time, CancellationToken cancellationToken)
    {
        if (CheckWords.Find(location, out var path) is { } badWords)
        {
            return badWords;
        }

        if (CheckPath.Find(path, out var real) is { } badPath)
        {
            return badPath;
        }

        return CheckFile.Run(real, wasTyped: path, time, cancellationToken);
    }
}
