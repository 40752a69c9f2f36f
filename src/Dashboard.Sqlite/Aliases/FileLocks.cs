using System.Globalization;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;

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
    /// Who has the database open in WAL mode, in whatever container. Asked of the system through the handles that SQLite has here, which needs no
    /// right to see any process. Of several it tells only whether there is one.
    /// </summary>
    public static UnseenUse AskThroughHandles(DatabaseFiles files)
    {
        try
        {
            using var unlocked = SqliteConnections.OpenUnlocked(files.Path);
            if (files.Main is not { } main || !IsShared(main.Id, SharedFirst, SharedSize))
            {
                return UnseenUse.None;
            }

            if (files.SharedMemory is not { } memory || files.Wal is null)
            {
                return UnseenUse.OtherWal;
            }

            // It leaves those sidecars as they are, for both are there.
            using var reader = SqliteConnections.Open(files.Path, SqliteOpenMode.ReadOnly);
            reader.ReadLong("SELECT COUNT(*) FROM sqlite_schema");
            return IsShared(memory, MemoryInUse, 1) || !IsShared(main.Id, SharedFirst, SharedSize) ? UnseenUse.Some : UnseenUse.OtherWal;
        }
        catch (SqliteException)
        {
            // Whoever reads it next hears why it can't be read.
            return UnseenUse.Some;
        }
    }

    private static bool IsShared(FileId file, long start, long length) =>
        Directory.EnumerateFiles("/proc/self/fd").FirstOrDefault(handle => FileOwner.OfHandle(handle)?.Id == file) is { } handle
        && NativeFiles.IsSharedByOther(int.Parse(Path.GetFileName(handle), CultureInfo.InvariantCulture), start, length);
}

internal enum UnseenUse
{
    None,

    /// <summary>Somebody has it open, with the WAL beside it as far as can be told.</summary>
    Some,

    /// <summary>Somebody has it open, and nobody the WAL beside it.</summary>
    OtherWal,
}

/// <param name="HoldsFile">Has a lock on the database file.</param>
/// <param name="Reads">That lock is one that others may have too.</param>
/// <param name="HoldsMemory">Has a lock on the shared memory beside it.</param>
internal readonly record struct LockUse(bool HoldsFile, bool Reads, bool HoldsMemory)
{
    public bool UsesOtherWal => Reads && !HoldsMemory;

    public bool UsesOtherFile => HoldsMemory && !HoldsFile;
}
