namespace Dashboard.Sqlite.Files;

/// <summary>Room on a disk, asked before work starts rather than found missing in the middle.</summary>
internal static class FreeSpace
{
    public static long At(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    /// <exception cref="Core.Databases.DatabaseException">When there is less, naming the folder and the bytes.</exception>
    public static void Demand(string folder, long bytes)
    {
        if (At(folder) < bytes)
        {
            throw SqliteErrors.NoSpace(folder, bytes);
        }
    }

    public static bool IsSameDisk(string folder, string other) =>
        FileOwner.DeviceOf(folder) is { } device && device == FileOwner.DeviceOf(other);
}
