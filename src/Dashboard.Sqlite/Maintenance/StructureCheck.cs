using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Integrity;
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
        var (found, tables) = Look(ground, progress, cancellationToken);
        var pages = $"{Words.Count(ground.Pages - ground.FreePages, "page")} checked";
        IReadOnlyList<string> notes = [.. found.Searches, .. found.Unchecked];
        if (found.Problems.Count > 0)
        {
            found.Problems.ToList().ForEach(problem => progress.Log(problem, LineLevel.Error));
            var cause = StaleWal.Find(ground.Location);
            return new MaintenanceResult(
                $"{pages}.",
                cause is null ? DamageWords.Of(tables, []) : $"{DamageWords.Of(tables, [])} {cause}",
                cause is null
                    ? "Restore a backup that was taken before the damage. Where only an index is named, rebuild the indexes first."
                    : StaleWal.WayOut(ground.Location),
                IsDamage: true)
            {
                Findings = [.. found.Problems, .. notes],
            };
        }

        if (notes.Count == 0)
        {
            return new MaintenanceResult($"Sound: {pages}.");
        }

        return new MaintenanceResult(
            found.Unchecked.Count == 0 ? $"{pages}." : $"{pages}, but not everything could be checked.",
            notes.Count == 1 ? notes[0] : string.Create(CultureInfo.InvariantCulture, $"{notes[0].TrimEnd('.')}, and {notes.Count - 1} more."),
            found.Searches.Count == 0 ? "Run PRAGMA integrity_check from the application, which has what is missing here." : "Rebuild the full-text index, from the application or with SQL.")
        {
            Findings = notes,
        };
    }

    private (StructureFindings Found, IReadOnlyList<string> Tables) Look(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return SqliteConnections.Watch(ground.Location, connection =>
            {
                Patience.HoldSnapshot(connection, ground.Location, LockPatience, Time, cancellationToken);
                using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(Math.Min(bytes, ground.UsedBytes)));
                var found = CheckStructure.Run(connection, Depth);
                return (found, found.Problems.Count == 0 ? [] : NameDamage.Run(connection, found.Problems));
            });
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            return (new StructureFindings([error.Message], [], []), []);
        }
    }
}
