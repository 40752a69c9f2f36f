using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Moves the write-ahead log into the file and empties it (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).</summary>
internal sealed class CheckpointTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>SQLite itself moves the log at a thousand pages, 4 MB as a rule: only what outgrew that was kept by somebody.</summary>
    private const int PagesByItself = 1000;

    /// <summary>How long readers may keep the log; a writer may have to wait so long.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    public override MaintenanceDescription Description { get; } = new(
        "checkpoint",
        "Empty the log",
        "Empty the log of {0}",
        "Moves what was committed from the write-ahead log into the file, and makes the log empty. A log that somebody's long reading lets grow makes every reader slower.",
        "Whoever writes waits for the moment of the move, two seconds at most.",
        "No room. As long as writing the log's size once.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken)
    {
        if (!ground.IsWal)
        {
            return MaintenanceOutlook.Refused("This database keeps no write-ahead log.");
        }

        if (RefusedForLitestream(ground) is { } refused)
        {
            return refused;
        }

        return ground.LogBytes > PagesByItself * ground.PageSize * 2
            ? new MaintenanceOutlook(MaintenanceWorth.Yes, $"The log holds {Words.Bytes(ground.LogBytes)}, more than SQLite lets it become by itself.")
            : new MaintenanceOutlook(MaintenanceWorth.No, ground.LogBytes == 0 ? "The log is empty." : $"The log holds {Words.Bytes(ground.LogBytes)}: SQLite moves it by itself.");
    }

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Moving the log", canCancel: false);
        using var connection = OpenToWrite(ground);
        var (isBusy, pages, moved) = MoveLog.Run(connection, Wait);
        return isBusy
            ? new MaintenanceResult(
                "The log could not be emptied.",
                $"Somebody reads or writes all the time: {Words.Count(Math.Max(0, moved))} of {Words.Count(Math.Max(0, pages), "page")} were moved.",
                "Look for a transaction that stays open in the application, and try again when it has ended.")
            : new MaintenanceResult($"Moved {Words.Bytes(ground.LogBytes)} into the file.");
    }
}
