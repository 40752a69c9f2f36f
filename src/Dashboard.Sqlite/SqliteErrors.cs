using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite;

/// <summary>What SQLite's codes mean for a person: what is wrong, and what to do (https://www.sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    public static SqliteException From(SqliteConnection connection, int code)
    {
        // The call returns the plain code; the connection remembers the exact one.
        var exact = raw.sqlite3_extended_errcode(connection.Handle!);
        return new SqliteException(
            raw.sqlite3_errmsg(connection.Handle!).utf8_to_string(),
            code & 0xFF,
            (exact & 0xFF) == (code & 0xFF) ? exact : code);
    }

    /// <summary>Half a transaction of a killed application, which only a writable connection may take back.</summary>
    public const int HotJournal = 776;

    /// <summary>A file is shorter than SQLite knows it to be. It says so of a WAL only; a database file is read as zeros there.</summary>
    private const int ShortRead = 522;

    public static DatabaseException Explain(SqliteException error, string file) => error.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new DatabaseBusyException(
            $"{file} is locked{UsersOf(file)}.", "Wait until the application has finished its transaction, or stop it, and try again.", error),
        raw.SQLITE_READONLY when error.SqliteExtendedErrorCode == HotJournal => new DatabaseException(
            $"An application was stopped in the middle of a transaction on {file}; {Path.GetFileName(file)}-journal holds what takes it back.",
            "Start the application, or take a backup: either finishes what was left. If the file was put here by hand, move the journal of the old one away first.",
            error),
        raw.SQLITE_READONLY => ReadOnly(file, error),
        raw.SQLITE_CORRUPT => new DatabaseDamagedException(
            DamageWords.OfDatabase(file, [error.Message]), "Restore a backup that was taken before the damage.", error),
        raw.SQLITE_NOTADB => new DatabaseDamagedException(
            $"{file} is encrypted, or is not an SQLite database.", "Check the path. An encrypted database can't be read by this dashboard.", error),
        raw.SQLITE_FULL => NoSpace(file, null, error),
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => CannotOpen(file, error),
        raw.SQLITE_IOERR when error.SqliteExtendedErrorCode == ShortRead && File.Exists(Sidecars.SharedMemory(file)) => new DatabaseException(
            $"{Sidecars.Wal(file)} ends before the rows that were committed to it: it was deleted, cut off or replaced while an application has it open.",
            "End the application in its normal way, not by kill: SQLite then writes its rows into the database file. Start it again.",
            error),
        raw.SQLITE_IOERR => new DatabaseException(
            $"The disk failed while {file} was used ({error.SqliteExtendedErrorCode}: {Said(error)}).",
            "Look at the system's log for errors of this disk, then try again.",
            error),
        raw.SQLITE_ERROR when MissingPart.Of(error) is { } part => new DatabaseException(
            $"{file} uses {part}, which only its application has.", MissingPart.NextStep, error),
        raw.SQLITE_AUTH => new DatabaseException(
            $"A statement on {file} was refused, because it would do more than it may here: {Said(error)}.",
            "Nothing was changed by it. Look at the triggers and virtual tables that it touches.",
            error),
        _ => new DatabaseException(
            $"SQLite could not use {file}: {Said(error)}.", "Try again. If it happens once more, run a full integrity check of the database.", error),
    };

    /// <summary>SQLite's own words. The driver puts its code and quotes around them: "SQLite Error 1: 'no such table: x'."</summary>
    public static string Said(SqliteException error)
    {
        const string DriverPrefix = "SQLite Error ";
        var begin = error.Message.IndexOf('\'', StringComparison.Ordinal);
        var end = error.Message.LastIndexOf('\'');
        return error.Message.StartsWith(DriverPrefix, StringComparison.Ordinal) && end > begin ? error.Message[(begin + 1)..end] : error.Message.TrimEnd('.');
    }

    /// <exception cref="DatabaseMissingException">When there is no such file, which opening it would not always tell.</exception>
    public static void DemandThere(string file)
    {
        if (!File.Exists(file))
        {
            throw Missing(file);
        }
    }

    public static DatabaseMissingException Missing(string file) =>
        new($"{file} is not there.", "Put the file back, restore a backup to this path, or correct the path of this database.");

    public static DatabaseBusyException Busy(string file, TimeSpan waited) =>
        new(
            $"{file} has been locked for {waited.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} seconds{UsersOf(file)}.",
            "Wait until the application has finished its transaction, or stop it, and try again.");

    public static DatabaseException ReadOnly(string file, Exception? inner = null) => ReadOnlyMount.Of(file) is { } point
        ? new($"{file} can't be written: {point} is mounted read-only.", ReadOnlyMount.WayOut(point), inner)
        : new(
            $"{file} can't be written: this dashboard runs as {Environment.UserName}, and {FileOwner.Describe(file)}.",
            $"Give {Environment.UserName} the right to write the file and its folder, then try again.",
            inner);

    public static DatabaseException NoSpace(string path, long? bytesNeeded, Exception? inner = null)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? path;
        var needed = bytesNeeded is { } bytes ? $", {Words.Bytes(bytes)} needed, {Words.Bytes(DiskSpace.FreeBytes(folder) ?? 0)} free" : "";
        return new DatabaseException($"No space left in {folder}{needed}.", "Free some space on this disk and try again.", inner);
    }

    private static DatabaseException CannotOpen(string file, SqliteException error)
    {
        if (!File.Exists(file))
        {
            return Missing(file);
        }

        if (ReadOnlyMount.Of(file) is { } point)
        {
            return new DatabaseException(
                $"{file} can't be opened: {point} is mounted read-only, and a database in WAL mode needs files beside it.", ReadOnlyMount.WayOut(point), error);
        }

        return new DatabaseException(
            $"{file} can't be opened: this dashboard runs as {Environment.UserName}, and {FileOwner.Describe(file)}.",
            $"Give {Environment.UserName} the right to read the file and to enter its folder. A database in WAL mode also needs the right to write the folder.",
            error);
    }

    /// <summary>", open in writer (4711)", or nothing where it can't be told.</summary>
    private static string UsersOf(string file)
    {
        var users = FindUsers.Run(file, CancellationToken.None);
        return users is null or [] ? "" : ", open in " + string.Join(", ", users.Select(user => $"{user.Name} (process {user.ProcessId})"));
    }
}
