using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Aliases;

/// <summary>A database file and what SQLite keeps beside it, by path and by number: two names of one file have two WALs.</summary>
/// <param name="Path">With every link resolved, as SQLite does before it names the WAL.</param>
/// <param name="Main">Null when it is missing.</param>
internal sealed record DatabaseFiles(string Path, FileOwner? Main, FileId? Wal, FileId? SharedMemory, FileId? Journal, FileId? Folder)
{
    public static DatabaseFiles Read(string location)
    {
        var path = Sidecars.RealName(location);
        return new DatabaseFiles(
            path,
            FileOwner.Of(path),
            FileId.Of(Sidecars.Wal(path)),
            FileId.Of(Sidecars.SharedMemory(path)),
            FileId.Of(Sidecars.Journal(path)),
            FileId.Of(System.IO.Path.GetDirectoryName(path) ?? "/"));
    }

    /// <summary>Whether SQLite writes a WAL for it; as far as can be told where its header can't be read.</summary>
    public bool ReadIsWal()
    {
        try
        {
            using var connection = SqliteConnections.OpenUnlocked(Path);
            return SqliteHeader.Read(connection).IsWal;
        }
        catch (SqliteException)
        {
            return Wal is not null;
        }
    }

    /// <summary>Whether a process that has this open uses the database, or one of its name that is gone.</summary>
    public bool IsUsedBy(RunningProcess process, OpenFile open) =>
        open.Id == Main?.Id || open.Id == Wal || open.Id == SharedMemory || open.Id == Journal
        || (open.IsDeleted && Sidecars.Suffixes.Prepend("").Any(suffix => IsName(process, open.Path, suffix)));

    /// <summary>
    /// Whether a path that another process uses is this file's, or that of the sidecar: the same name in the same folder, whatever that folder
    /// is called there. A file that is mounted alone lies in another folder.
    /// </summary>
    public bool IsName(RunningProcess process, string path, string suffix = "") =>
        process.IdOfFolder(path) is { } folder
            ? folder == Folder && System.IO.Path.GetFileName(path) == System.IO.Path.GetFileName(Path) + suffix
            : path == Path + suffix;
}
