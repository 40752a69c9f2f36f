using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Writes the whole file anew without its free pages and half-empty ones (https://www.sqlite.org/lang_vacuum.html).</summary>
internal sealed class VacuumTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>A writer waits for all of it: below a tenth of the file, free pages are used up again sooner than that pays.</summary>
    private const double WorthShare = 0.1;

    /// <summary>Less is not worth anybody's attention.</summary>
    private const long WorthBytes = 256 * 1024;

    /// <summary>For readers of the log to let go.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(1);

    public override MaintenanceDescription Description { get; } = new(
        "vacuum",
        "Vacuum",
        "Vacuum {0}",
        "Writes the file anew without the room that deleted rows left, and gives that room back to the disk. Rows of a table with neither INTEGER PRIMARY KEY nor an index get other rowids.",
        "Readers go on in WAL mode. Whoever writes waits until it is done.",
        "Room for the rows twice: once among the temporary files, once beside the database. Some seconds a GiB.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken)
    {
        var renumbered = Watch(ground, FindRenumbered.Run, cancellationToken);
        if ((RefusedForLitestream(ground) ?? RefusedForMissingParts(ground, cancellationToken) ?? RefusedForRowids(renumbered)) is { } refused)
        {
            return refused;
        }

        if (FindLack(ground) is { } lack)
        {
            return MaintenanceOutlook.Refused(lack, "Free some space on this disk, or let SQLITE_TMPDIR name a folder on a larger one, and try again.");
        }

        if (ground.FreePages == 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.No, $"No page is free. Only pages that are half empty could become fewer.{OtherRowids(renumbered)}");
        }

        var free = $"{Words.Bytes(ground.FreeBytes)} of {Words.Bytes(ground.TotalBytes)} {(ground.FreePages == 1 ? "is a free page" : "are free pages")}";
        return ground.FreeShare >= WorthShare && ground.FreeBytes >= WorthBytes
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"{free}: would give back about {Words.Share(ground.FreeShare)}.{OtherRowids(renumbered)}")
            : new MaintenanceOutlook(MaintenanceWorth.No, $"{free}: they are used before the file grows.{OtherRowids(renumbered)}");
    }

    /// <summary>Found by what the database itself says of it; the application would only see that its search finds wrong rows.</summary>
    private static MaintenanceOutlook? RefusedForRowids(IReadOnlyList<Renumbered> renumbered) => renumbered.FirstOrDefault(table => table.Users.Count > 0) is { } used
        ? MaintenanceOutlook.Refused(
            $"VACUUM would number the rows of {used.Table} anew, and {Words.List(used.Users)} {(used.Users.Count == 1 ? "refers" : "refer")} to them by rowid.",
            "Use “Compact by copy”: it keeps rowids.")
        : null;

    /// <summary>What can't be found is said: a convention of the application.</summary>
    private static string OtherRowids(IReadOnlyList<Renumbered> renumbered) => renumbered.Count == 0
        ? ""
        : $" Rows of {Words.List([.. renumbered.Select(table => table.Table)])} get other rowids: if the application keeps these in a column, use “Compact by copy”.";

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        using var connection = OpenToWrite(ground);
        TruncateLog(connection, ground);
        ground = Ground.Read(ground.Location, Time, cancellationToken);
        Vacuum(connection, ground, progress, cancellationToken);

        progress.Phase("Shortening the file", canCancel: false);
        return new MaintenanceResult(TruncateLog(connection, ground)
            ? "Written anew."
            : "Written anew. Somebody is still reading what was before: the file gets shorter when they let go and the log is next moved into it.");
    }

    private void Vacuum(SqliteConnection connection, Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Packing", ground.UsedBytes);
        using var writing = new WatchWriting(ground, progress);
        using var stop = new CancellationTokenSource();
        using var asked = cancellationToken.Register(() =>
        {
            // What is written back is one commit: an interrupt that came then would tell of a cancel that did not happen.
            if (!writing.HasBegun)
            {
                stop.Cancel();
            }
        });
        using var interruption = Interruption.On(connection, stop.Token, bytes => writing.Packed(bytes));
        Execute(connection, ground, "VACUUM", stop.Token);
    }

    /// <summary>Moves the log into the file and empties it; false while a reader keeps it.</summary>
    private static bool TruncateLog(SqliteConnection connection, Ground ground) => !ground.IsWal || !MoveLog.Run(connection, ReaderPatience).IsBusy;

    /// <summary>SQLite finds out half-way that the disk is full. What is needed is known before: the rows, packed, and the rows, written back.</summary>
    private static string? FindLack(Ground ground)
    {
        var folder = Path.GetDirectoryName(ground.Location)!;
        var temporary = TemporaryFiles.Folder();

        // The log takes every new page; a rollback journal takes every old one.
        var beside = ground.IsWal ? ground.UsedBytes : ground.TotalBytes;
        return DiskSpace.ShareADisk(folder, temporary) != false
            ? Lack(folder, ground.UsedBytes + beside)
            : Lack(temporary, ground.UsedBytes) ?? Lack(folder, beside);
    }

    private static string? Lack(string folder, long needed) =>
        DiskSpace.FreeBytes(folder) is { } free && free < needed ? $"Not enough room in {folder}: {Words.Bytes(needed)} needed, {Words.Bytes(free)} free." : null;
}
