using Dashboard.Core.Files;

namespace Dashboard.Sqlite.Files;

/// <summary>Room on a disk, asked before work starts rather than found missing in the middle.</summary>
internal static class FreeSpace
{
    /// <exception cref="Core.Databases.DatabaseException">When there is less, naming the folder and the bytes.</exception>
    public static void Demand(string folder, long bytes)
    {
        if (DiskSpace.FreeBytes(folder) < bytes)
        {
            throw SqliteErrors.NoSpace(folder, bytes);
        }
    }
}
