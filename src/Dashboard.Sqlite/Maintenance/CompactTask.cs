using System.Collections.ObjectModel;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Restores;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// Packs the database into a copy beside it (VACUUM INTO) while writers go on, checks and compares that copy, and puts it in place as a
/// restore does: through SQLite, in one transaction, in which it is seen that nobody has written since.
/// </summary>
internal sealed class CompactTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>Each attempt writes the whole copy anew; somebody who writes through three of them will write through the fourth.</summary>
    private const int Attempts = 3;

    /// <summary>For the transaction that puts the copy in place.</summary>
    private const long Margin = 8L * 1024 * 1024;

    private const string WorkExtension = ".compact" + DurableFiles.PartialExtension;

    public override MaintenanceDescription Description { get; } = new(
        "compact",
        "Compact by copy",
        "Compact {0} by a copy",
        "Packs the rows into a copy beside the database, checks and compares it, and then puts it in place. It gives back what a vacuum does, and keeps rowids.",
        "Whoever writes goes on while the copy is made, and waits only while it is put in place. If somebody writes meanwhile, the copy is made again, three times at most.",
        "Room for the rows twice beside the database.",
        IsForAll: false)
    {
        CanBeScheduled = true,
    };

    /// <summary>What a killed run leaves: never anything that somebody else may have put there.</summary>
    public static void Sweep(string location)
    {
        if (Directory.Exists(Path.GetDirectoryName(location)))
        {
            NewFile.Remove(location + WorkExtension);
        }
    }

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken)
    {
        if ((RefusedForLitestream(ground) ?? RefusedForMissingParts(ground, cancellationToken)) is { } refused)
        {
            return refused;
        }

        var folder = Path.GetDirectoryName(ground.Location)!;
        var needed = ground.UsedBytes + (ground.IsWal ? ground.UsedBytes + ground.UsedBytes / 20 : ground.TotalBytes) + Margin;
        if (DiskSpace.FreeBytes(folder) is { } free && free < needed)
        {
            return MaintenanceOutlook.Refused($"Not enough room in {folder}: {Words.Bytes(needed)} needed, {Words.Bytes(free)} free.", "Free some space on this disk, and try again.");
        }

        if (Restores.LookAhead.Run(ground.Location, ground.UsedBytes, ReadOnlyDictionary<string, string>.Empty, Time, cancellationToken).Blocker is { } blocker)
        {
            return MaintenanceOutlook.Refused(blocker);
        }

        return ground.FreePages == 0
            ? new MaintenanceOutlook(MaintenanceWorth.No, "No page is free. Only pages that are half empty could become fewer.")
            : new MaintenanceOutlook(MaintenanceWorth.Unknown, $"Would give back about {Words.Share(ground.FreeShare)}, as a vacuum would, with less waiting for whoever writes.");
    }

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        var copy = ground.Location + WorkExtension;
        NewFile.Remove(copy);
        try
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                if (TryCompact(ground, copy, progress, cancellationToken) is { } result)
                {
                    return result.Warnings.Count == 0
                        ? new MaintenanceResult($"Packed into a checked copy and put in place; writers waited {Words.Duration(result.WritersWaited)}.")
                        : new MaintenanceResult($"Packed and put in place; writers waited {Words.Duration(result.WritersWaited)}.", string.Join(' ', result.Warnings));
                }

                NewFile.Remove(copy);
                progress.Log("Somebody has written since the copy was made: it is made again.");
            }

            throw new DatabaseBusyException("Somebody writes all the time: each copy was old before it could be put in place. Nothing was changed.", "Run it while the application is quiet, or use a vacuum, for which writers wait from the beginning.");
        }
        finally
        {
            NewFile.Remove(copy);
        }
    }

    /// <summary>Null when somebody has written meanwhile.</summary>
    private RestoreResult? TryCompact(Ground ground, string copy, RunProgress progress, CancellationToken cancellationToken)
    {
        using var live = OpenToWrite(ground);
        var before = ContentMark.Read(live);
        progress.Phase("Packing", ground.UsedBytes);
        NewFile.CreatePrivate(copy);
        List<TableRows> rows;
        using (Interruption.On(live, cancellationToken, bytes => progress.Report(Math.Min(bytes, ground.UsedBytes))))
        {
            Execute(live, ground, $"VACUUM INTO {SqliteStatements.Text(copy)}", cancellationToken);
            rows = [.. Tables.Read(live).Select(table => new TableRows(table, Tables.Count(live, table)))];
        }

        if (ContentMark.Read(live) != before)
        {
            return null;
        }

        var check = CheckCopy.Run(copy, rows, CheckDepth.Quick, progress, cancellationToken);
        if (!check.IsSound)
        {
            throw new DatabaseDamagedException($"The packed copy is not what the database holds: {check.Problems[0]} Nothing was changed.", "Run a full integrity check of the database.");
        }

        DemandSameRowids(live, copy);
        var work = new RestoreWork(ContentPlace.File(copy), null, _ => ContentMark.Read(live) == before ? Task.CompletedTask : throw new ContentChangedException());
        try
        {
            return new RestoreIntoLive(ground.Location, work, progress, Time).RunAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (ContentChangedException)
        {
            return null;
        }
    }

    /// <summary>VACUUM INTO keeps rowids, which SQLite's documentation does not promise: looked at, where the schema does not make sure of it.</summary>
    private static void DemandSameRowids(SqliteConnection live, string copy)
    {
        using var packed = SqliteConnections.OpenUnlocked(copy);
        foreach (var table in FindRenumbered.Run(packed).Select(table => table.Table))
        {
            var sql = $"SELECT count(*) || ' ' || min(_rowid_) || ' ' || max(_rowid_) || ' ' || total(_rowid_) || ' ' || total(_rowid_ % 1000003 * (_rowid_ % 999983)) FROM main.{SqliteStatements.Quoted(table)}";
            if (live.ReadText(sql) != packed.ReadText(sql))
            {
                throw new DatabaseException($"The packed copy numbers the rows of {table} anew, so it was thrown away. Nothing was changed.", "Give the table an INTEGER PRIMARY KEY, or leave the database as it is.");
            }
        }
    }

    /// <summary>Nobody may write any more, and somebody has, since the copy was made.</summary>
    private sealed class ContentChangedException : Exception;

    /// <summary>
    /// Differs once somebody else has committed a change. In rollback mode each commit counts up a number of the header, which is read without a lock;
    /// in WAL mode SQLite tells each connection whether others have written (https://www.sqlite.org/pragma.html#pragma_data_version).
    /// </summary>
    private readonly record struct ContentMark(bool IsWal, long Version)
    {
        public static ContentMark Read(SqliteConnection connection)
        {
            var header = SqliteHeader.Read(connection);
            return new ContentMark(header.IsWal, header.IsWal ? connection.ReadLong("PRAGMA data_version") : header.Changes);
        }
    }
}
