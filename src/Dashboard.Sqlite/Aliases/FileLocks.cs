using System.Globalization;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Aliases;

/// <summary>
/// What SQLite's own locks tell of a database in WAL mode. Each connection keeps a shared lock on the database file, and one on the shared memory
/// that belongs to its WAL, for as long as it is open. Whoever has the first and not the second uses another WAL, whatever any file is called.
/// </summary>
internal static class FileLocks
{
    // https://www.sqlite.org/src/file/src/os.h and os_unix.c: SHARED_FIRST, SHARED_SIZE; UNIX_SHM_BASE, UNIX_SHM_DMS.
    private const long SharedFirst = 0x40000002;
    private const long SharedSize = 510;
    private const long PendingByte = 0x40000000;
    private const long MemoryFirst = 120;
    private const long MemoryInUse = 128;

    /// <param name="device">Of the file system.</param>
    public static LockUse Of(int processId, IReadOnlyList<HeldLock> locks, DatabaseFiles files, ulong device)
    {
        var own = locks.Where(held => held.ProcessId == processId).ToList();
        var main = own.Where(held => files.Main is { } file && held.IsOn(device, file.Id.Inode, PendingByte, SharedFirst + SharedSize)).ToList();
        return new LockUse(
            HoldsFile: main.Count > 0,
            Reads: main.Any(held => held.IsShared),
            HoldsMemory: files.SharedMemory is { } memory && own.Any(held => held.IsOn(device, memory.Inode, MemoryFirst, MemoryInUse)));
    }

    /// <summary>
    /// Whether somebody, in whatever container, has the file open in WAL mode, and nobody the shared memory beside it. Asked of the system through
    /// the handles that SQLite has here, which needs no right to see that process.
    /// </summary>
    public static bool IsUsedWithOtherWal(DatabaseFiles files)
    {
        try
        {
            using var unlocked = SqliteConnections.OpenUnlocked(files.Path);
            if (files.Main is not { } main || !IsShared(main.Id, SharedFirst, SharedSize))
            {
                return false;
            }

            if (files.SharedMemory is not { } memory || files.Wal is null)
            {
                return true;
            }

            // It leaves those sidecars as they are, for both are there.
            using var reader = SqliteConnections.Open(files.Path, SqliteOpenMode.ReadOnly);
            reader.ReadLong("SELECT COUNT(*) FROM sqlite_schema");
            return !IsShared(memory, MemoryInUse, 1) && IsShared(main.Id, SharedFirst, SharedSize);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_IOERR)
        {
            // Whoever wants to read it next hears why it can't be.
            return false;
        }
    }

    private static bool IsShared(FileId file, long start, long length) =>
        Directory.EnumerateFiles("/proc/self/fd").FirstOrDefault(handle => FileOwner.OfHandle(handle)?.Id == file) is { } handle
        && NativeFiles.IsSharedByOther(int.Parse(Path.GetFileName(handle), CultureInfo.InvariantCulture), start, length);
}

/// <param name="HoldsFile">Has a lock on the database file.</param>
/// <param name="Reads">That lock is one that others may have too.</param>
/// <param name="HoldsMemory">Has a lock on the shared memory beside it.</param>
internal readonly record struct LockUse(bool HoldsFile, bool Reads, bool HoldsMemory)
{
    public bool UsesOtherWal => Reads && !HoldsMemory;

    public bool UsesOtherFile => HoldsMemory && !HoldsFile;
}
