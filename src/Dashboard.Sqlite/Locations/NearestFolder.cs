namespace Dashboard.Sqlite.Locations;

/// <summary>The deepest folder of a path that exists.</summary>
internal static class NearestFolder
{
    public static string Of(string path)
    {
        var folder = path;
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder) ?? Path.GetPathRoot(path) ?? path;
        }

        return folder;
    }
}
