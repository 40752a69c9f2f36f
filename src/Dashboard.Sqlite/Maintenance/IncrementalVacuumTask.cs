using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Gives free pages back a few at a time (https://www.sqlite.org/pragma.html#pragma_incremental_vacuum); writers get in between.</summary>
internal sealed class IncrementalVacuumTask(TimeProvider time) : SqliteTask(time)
{
    /// <summary>Pages of one transaction: some milliseconds in which a writer waits.</summary>
    private const int PagesAtATime = 500;

    public override MaintenanceDescription Description { get; } = new(
        "incremental-vacuum",
        "Incremental vacuum",
        "Vacuum {0} step by step",
        "Gives free pages back to the disk in small steps. Does not join half-empty pages, as a vacuum does.",
        "Whoever writes waits for some milliseconds at a time.",
        "Almost no room.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken)
    {
        if (!ground.IsIncremental)
        {
            return MaintenanceOutlook.Refused("This database was not made for it: auto_vacuum is not INCREMENTAL.", "Use a vacuum.");
        }

        if (RefusedForLitestream(ground) is { } refused)
        {
            return refused;
        }

        return ground.FreePages == 0
            ? new MaintenanceOutlook(MaintenanceWorth.No, "No page is free.")
            : new MaintenanceOutlook(MaintenanceWorth.Yes, $"{Words.Bytes(ground.FreeBytes)} of {Words.Bytes(ground.TotalBytes)} are free pages: would give back {Words.Share(ground.FreeShare)}.");
    }

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Giving pages back", ground.FreeBytes);
        using var connection = OpenToWrite(ground);
        var left = ground.FreePages;
        while (left > 0)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                Execute(connection, ground, $"PRAGMA incremental_vacuum({PagesAtATime})", cancellationToken);
            }
            catch (OperationCanceledException) when (left < ground.FreePages)
            {
                throw new PartlyDoneException($"{Words.Bytes((ground.FreePages - left) * ground.PageSize)} are given back and stay so; the content is as it was.", cancellationToken);
            }

            var before = left;
            left = connection.ReadLong("PRAGMA freelist_count");
            if (left >= before)
            {
                // A writer frees pages as fast as they are given back.
                break;
            }

            progress.Report(ground.FreeBytes - left * ground.PageSize);
        }

        return new MaintenanceResult($"Gave back {Words.Count(Math.Max(0, ground.FreePages - left), "page")}.");
    }
}
