using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Reads a live database for damage. Writes nothing.</summary>
internal abstract class StructureCheck(TimeProvider time) : SqliteTask(time)
{
    protected abstract CheckDepth Depth { get; }

    protected override bool OnlyReads => true;

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken) =>
        new(MaintenanceWorth.Unknown, $"Reads {Words.Bytes(ground.UsedBytes)}.");

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Checking", ground.UsedBytes);
        var (problems, tables) = Look(ground, progress, cancellationToken);
        var pages = $"{Words.Count(ground.Pages - ground.FreePages, "page")} checked";
        if (problems.Count == 0)
        {
            return new MaintenanceResult($"Sound: {pages}.");
        }

        problems.ForEach(problem => progress.Log(problem, LineLevel.Error));
        var cause = StaleWal.Find(ground.Location);
        return new MaintenanceResult(
            $"{pages}.",
            cause is null ? DamageWords.Of(tables, []) : $"{DamageWords.Of(tables, [])} {cause}",
            cause is null
                ? "Restore a backup that was taken before the damage. Where only an index is named, rebuild the indexes first."
                : StaleWal.WayOut(ground.Location),
            IsDamage: true)
        {
            Findings = problems,
        };
    }

    private (List<string> Problems, IReadOnlyList<string> Tables) Look(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return SqliteConnections.Watch(ground.Location, connection =>
            {
                Patience.HoldSnapshot(connection, ground.Location, LockPatience, Time, cancellationToken);
                using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(Math.Min(bytes, ground.UsedBytes)));
                var problems = CheckCopy.CheckStructure(connection, Depth, progress).ToList();
                return (problems, problems.Count == 0 ? [] : NameDamage.Run(connection, problems));
            });
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            return ([error.Message], []);
        }
    }
}
