using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Aliases;

/// <summary>Other names of a file in the folders around it: beside it, one level down, one level up and beside that.</summary>
internal static class FindLinks
{
    private const int MostEntries = 5000;

    private static readonly EnumerationOptions OneFolder = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public static IReadOnlyList<string> Run(DatabaseFiles files, CancellationToken cancellationToken)
    {
        if (files.Main is not { } main || Path.GetDirectoryName(files.Path) is not { } folder)
        {
            return [];
        }

        return [.. Folders(folder)
            .SelectMany(place => Directory.EnumerateFiles(place, "*", OneFolder))
            .Take(MostEntries)
            .Where(file =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return file != files.Path && FileOwner.OfHandle(file)?.Id == main.Id;
            })];
    }

    private static IEnumerable<string> Folders(string folder)
    {
        var above = Path.GetDirectoryName(folder);
        return new[] { folder }
            .Concat(Directory.EnumerateDirectories(folder, "*", OneFolder))
            .Concat(above is null ? [] : new[] { above }.Concat(Directory.EnumerateDirectories(above, "*", OneFolder)))
            .Distinct();
    }
}
