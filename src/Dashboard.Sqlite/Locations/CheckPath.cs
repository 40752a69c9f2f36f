using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Locations;

/// <summary>What is wrong with the path: missing, a folder, a broken link, a sidecar, something that is no file.</summary>
internal static class CheckPath
{
    private const int FilesOffered = 3;
    private static readonly string[] Extensions = [".db", ".sqlite", ".sqlite3", ".db3", ".s3db"];

    public static LocationCheck? Find(string path, out string real)
    {
        real = path;
        if (BaseOfSidecar(path) is { } owner)
        {
            return LocationCheck.Refused($"This is {SidecarTitle(path)} of {Path.GetFileName(owner)}, not a database.", $"Type {owner}.");
        }

        if (Directory.Exists(path))
        {
            return LocationCheck.Refused("This is a folder.", OfferFiles(path) ?? "Type the path of a database file in it.");
        }

        // A link that leads nowhere exists, as a file, and has no real path.
        if (!File.Exists(path) || NativeFiles.RealPath(path) is not { } resolved)
        {
            return Missing(path);
        }

        real = resolved;
        return FileOwner.Of(real) is { IsRegularFile: false }
            ? LocationCheck.Refused("This is not a file but a device, pipe or socket.", "Type the path of a database file.")
            : null;
    }

    private static LocationCheck Missing(string path)
    {
        if (LinkTarget(path) is { } target)
        {
            return LocationCheck.Refused($"This is a link to {target}, which is not there.", "Correct the link, or type the path of the file itself.");
        }

        var folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) ?? path;
        if (Directory.Exists(folder))
        {
            return CanList(folder)
                ? LocationCheck.Refused(
                    $"There is no {Path.GetFileName(path)} in {folder}.",
                    OfferNamesake(path, folder) ?? OfferFiles(folder) ?? "Check the name. This dashboard does not create databases.")
                : LocationCheck.Refused(
                    $"The folder {folder} can't be looked into: this dashboard runs as {Environment.UserName}, and {FileOwner.Describe(folder)}.",
                    $"Let {Environment.UserName} enter the folder: chmod o+rx '{folder}', or add it to the folder's group.");
        }

        var nearest = NearestFolder.Of(folder);
        var part = Path.GetRelativePath(nearest, path).Split(Path.DirectorySeparatorChar)[0];
        return LocationCheck.Refused(
            File.Exists(Path.Combine(nearest, part)) ? $"{Path.Combine(nearest, part)} is a file, not a folder." : $"There is no folder {part} in {nearest}.",
            $"The path is right up to {nearest}.{(OfferFiles(nearest) is { } offer ? " " + offer : "")}");
    }

    /// <summary>Only when the database stands beside it: any file may be called something-wal.</summary>
    private static string? BaseOfSidecar(string path) => Sidecars.Suffixes
        .Where(suffix => path.EndsWith(suffix, StringComparison.Ordinal))
        .Select(suffix => path[..^suffix.Length])
        .FirstOrDefault(File.Exists);

    private static string SidecarTitle(string path) =>
        path.EndsWith("-wal", StringComparison.Ordinal) ? "the write-ahead log"
        : path.EndsWith("-shm", StringComparison.Ordinal) ? "the shared memory"
        : "the rollback journal";

    private static string? OfferFiles(string folder)
    {
        var found = List(folder).Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Take(FilesOffered).ToList();
        return found is [] ? null : $"Did you mean {string.Join(" or ", found)}?";
    }

    private static string? OfferNamesake(string path, string folder)
    {
        var name = Path.GetFileName(path);
        var found = List(folder).FirstOrDefault(file =>
            string.Equals(Path.GetFileName(file), name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(Path.GetFileNameWithoutExtension(file), Path.GetFileNameWithoutExtension(name), StringComparison.OrdinalIgnoreCase));
        return found is null ? null : $"Did you mean {found}?";
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool CanList(string folder)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Where(file => BaseOfSidecar(file) is null).Take(1000)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
