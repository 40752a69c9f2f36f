using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Aliases;

/// <summary>What each finding says.</summary>
internal static class AliasWords
{
    private const string EndNormally =
        "End the application in its normal way, not by kill: SQLite then writes these rows into the database file. Start it again, then back up.";

    public static AliasFinding OtherName(string file, string name, RunningProcess process) => new(
        AliasHarm.HidesRows,
        $"{process.Words} has this database open as {name}. The newest rows are in the WAL beside that name, and are not seen from here.",
        OneName(file, name));

    /// <summary>In rollback mode, or with nothing read yet: what is in the file is whole.</summary>
    public static AliasFinding OtherNameWithoutWal(string file, string name, RunningProcess process) => new(
        AliasHarm.UnsafeToWrite,
        $"{process.Words} has this database open as {name}. Its journal is beside that name, so nobody here could take back a crash.",
        OneName(file, name));

    public static AliasFinding OtherWal(string file, RunningProcess? process) => new(
        AliasHarm.HidesRows,
        $"{process?.Words ?? "A process outside this container"} uses {file} with another WAL than {Sidecars.Wal(file)}. The newest rows are only there.",
        "It opened the file under another name (hard link, single-file mount), or its WAL was deleted or replaced. Let it use this path, mount the whole folder, or restart it.");

    public static AliasFinding LostWal(string file, RunningProcess process) => new(
        AliasHarm.HidesRows,
        $"{Sidecars.Wal(file)} was deleted, moved or replaced while {process.Words} has it open. Rows committed since its last checkpoint are only in the lost file.",
        EndNormally)
    {
        IsOfSidecars = true,
    };

    public static AliasFinding LostMemory(string file, RunningProcess process) => new(
        AliasHarm.HidesRows,
        $"{Sidecars.SharedMemory(file)} was deleted, moved or replaced while {process.Words} has it open. Its locks are not seen, so what is read can be torn.",
        "Restart the application.")
    {
        IsOfSidecars = true,
    };

    public static AliasFinding PreviousFile(string file, RunningProcess process) => new(
        AliasHarm.UnsafeToWrite,
        $"{process.Words} still has the previous {file} open, which was deleted or replaced. Rows that it writes are not in the file of today.",
        "Stop the application, check which file it should use, and start it again.")
    {
        IsOfSidecars = true,
    };

    public static AliasFinding OtherFile(string file, RunningProcess process) => new(
        AliasHarm.HidesRows,
        $"{process.Words} uses {Sidecars.Wal(file)} with another database file. {file} was moved or replaced while it was open.",
        "Stop the application, put the file back that belongs to this WAL, and start it again.")
    {
        IsOfSidecars = true,
    };

    public static AliasFinding LinkWithJournal(string file, string other) => new(
        AliasHarm.HidesRows,
        $"{file} has another name, {other}, with a WAL or journal of its own. Its rows are not seen from here.",
        OneName(file, other));

    public static AliasFinding Link(string file, uint links, IReadOnlyList<string> names) => new(
        AliasHarm.OtherName,
        $"{file} has {links} names (hard links){(names is [] ? "" : $", also {Words.List(names, 3)}")}. Rows written under another name can be missing here.",
        "Let the application use one name, and register that one. Remove the others.");

    public static AliasFinding MountedAlone(Mount mount, bool isWal, bool hasSidecars)
    {
        var (harm, consequence) = (isWal, hasSidecars) switch
        {
            (true, false) => (AliasHarm.HidesRows, "The newest rows are in the WAL beside the original, which is not mounted."),
            (true, true) => (AliasHarm.OtherName, "Its WAL and shared memory are mounted one by one, and are lost from here when they are made anew."),
            (false, _) => (AliasHarm.UnsafeToWrite, "The journal of an application is beside the original, and is not seen from here."),
        };
        var replaced = mount.IsOfDeleted ? " The original was deleted or replaced since, and this is the old file." : "";
        return new AliasFinding(harm, $"{mount.Point} is mounted as a single file. {consequence}{replaced}", "Mount the whole folder instead, and correct the path of this database.");
    }

    public static AliasFinding MountedElsewhere(string file, string point, RunningProcess process) => new(
        AliasHarm.OtherName,
        $"{file} is also mounted as a single file at {point}{(process.Id == Environment.ProcessId ? "" : $", seen by {process.Words}")}. Rows written there can be missing here.",
        "Mount the whole folder instead of the single file.");

    public static AliasFinding Network(string format) => new(
        AliasHarm.Unseen,
        $"The database is on a network drive ({format}). Applications on other machines cannot be seen.",
        "Let applications of this machine alone use it.");

    /// <summary>A name that is this file here too can be registered; one that only another process sees is a mount.</summary>
    private static string OneName(string file, string other) => FileId.Of(other) is { } id && id == FileId.Of(file)
        ? $"Register {other} instead, or let the application use {file}."
        : "Mount the whole folder into its container instead of the single file, and restart the application.";
}
