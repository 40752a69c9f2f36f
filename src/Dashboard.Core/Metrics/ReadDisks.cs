using Dashboard.Core.Databases;
using Dashboard.Core.Files;

namespace Dashboard.Core.Metrics;

/// <summary>The disks that databases of this machine lie on, each once.</summary>
internal static class ReadDisks
{
    /// <summary>The folder of a database that is a file of this machine; null for one that is reached another way.</summary>
    public static string? FolderOf(Database database) => Path.IsPathFullyQualified(database.Location) ? Path.GetDirectoryName(database.Location) : null;

    public static IReadOnlyList<Sample> Run(IEnumerable<string> folders, long at) =>
    [
        .. folders.Distinct().Select(DiskSpace.Look).OfType<DiskRoom>().DistinctBy(disk => disk.Name).SelectMany(disk => new Sample[]
        {
            new(new SeriesKey(Subject.Installation, Metric.DiskFree, disk.Name), at, disk.FreeBytes),
            new(new SeriesKey(Subject.Installation, Metric.DiskSize, disk.Name), at, disk.SizeBytes),
        }),
    ];
}
