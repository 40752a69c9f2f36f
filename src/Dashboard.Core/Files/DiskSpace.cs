namespace Dashboard.Core.Files;

/// <param name="Name">Its mount point: "/", "/srv".</param>
/// <param name="FreeBytes">For this user.</param>
public sealed record DiskRoom(string Name, long FreeBytes, long SizeBytes);

/// <summary>What is free on the disk of a folder, and whether two folders share one.</summary>
public static class DiskSpace
{
    /// <summary>Free bytes for this user, or null where the platform can't tell.</summary>
    public static long? FreeBytes(string folder)
    {
        try
        {
            return DiskOf(folder).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The disk that a folder lies on, or null where the platform can't tell.</summary>
    public static DiskRoom? Look(string folder)
    {
        try
        {
            var disk = DiskOf(folder);
            return new DiskRoom(disk.Name, disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether losing one disk loses both; null where the platform can't tell.</summary>
    public static bool? ShareADisk(string one, string other)
    {
        try
        {
            return DiskOf(one).Name == DiskOf(other).Name;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static DriveInfo DiskOf(string folder)
    {
        var existing = NearestExisting(Path.GetFullPath(folder));
        if (OperatingSystem.IsWindows())
        {
            return new DriveInfo(Path.GetPathRoot(existing)!);
        }

        // The longest mount point that the folder lies under; DriveInfo of a folder answers for its own path only.
        var mount = DriveInfo.GetDrives()
            .Select(drive => drive.Name)
            .Where(name => existing == name || existing.StartsWith(name.EndsWith('/') ? name : name + "/", StringComparison.Ordinal))
            .MaxBy(name => name.Length);
        return new DriveInfo(mount ?? "/");
    }

    /// <summary>The folder itself, or the nearest one above it that exists, with links resolved.</summary>
    private static string NearestExisting(string path)
    {
        while (!Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path) ?? "/";
        }

        return new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
    }
}
