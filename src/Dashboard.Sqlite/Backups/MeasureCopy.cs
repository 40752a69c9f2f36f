using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Pages;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Backups;

/// <summary>
/// What each table and index takes in a checked copy. The only place where it can be told exactly: this SQLite has no dbstat, and in a live
/// database the pages move.
/// </summary>
internal static class MeasureCopy
{
    /// <summary>Null when it could not be told, which is no fault of the copy: it has been checked.</summary>
    public static IReadOnlyList<StoredSize>? Run(string file, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Measuring", new FileInfo(file).Length);
        try
        {
            var sizes = Measure(file, progress, cancellationToken);
            progress.Report(new FileInfo(file).Length);
            return sizes;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or SqliteException or UnauthorizedAccessException)
        {
            progress.Log($"The sizes of the tables could not be told ({error.Message.TrimEnd('.')}).");
            return null;
        }
    }

    private static List<StoredSize> Measure(string file, RunProgress progress, CancellationToken cancellationToken)
    {
        if (new FileInfo(file).Length == 0)
        {
            return [];
        }

        // SQLite's connection is closed before the file is opened without it.
        var trees = ReadTrees(file);
        using var pages = new FilePages(file);
        var walk = new WalkTrees(pages, seen => progress.Report(seen * pages.PageSize), cancellationToken);
        var sizes = trees.Select(tree => new StoredSize(tree.Name, tree.Kind == "index" ? tree.Table : null, walk.Count(tree.Root) * pages.PageSize)).ToList();

        var rest = pages.Count - walk.Total - PagesOfNoTree.Count(pages);
        return rest == 0 ? sizes : throw new InvalidDataException($"{rest} pages belong to nothing");
    }

    private static List<CatalogueEntry> ReadTrees(string file)
    {
        using var connection = SqliteConnections.OpenUnlocked(file);
        return [CatalogueEntry.OfItself, .. Catalogue.Read(connection).WithPages];
    }
}
