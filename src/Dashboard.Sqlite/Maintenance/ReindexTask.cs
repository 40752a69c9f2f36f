using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Builds the indexes anew from their tables (https://www.sqlite.org/lang_reindex.html), one after the other, so that writers get in between.</summary>
internal sealed class ReindexTask(TimeProvider time) : SqliteTask(time)
{
    public override MaintenanceDescription Description { get; } = new(
        "reindex",
        "Rebuild indexes",
        "Rebuild the indexes of {0}",
        "Makes every index anew from the rows. It mends an index that no longer fits its table, after a sort order has changed or an integrity check found it.",
        "Whoever writes waits while an index is built, and gets in between two of them.",
        "Room for the largest index twice. About as long as creating them took.",
        IsForAll: false);

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken) =>
        RefusedForLitestream(ground)
        ?? SqliteConnections.Watch(ground.Location, connection => Names(connection).Count is var count && count > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Unknown, $"{Indexes(count)}. Needed only when an integrity check finds one wrong.")
            : new MaintenanceOutlook(MaintenanceWorth.No, "There is no index."));

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken)
    {
        using var connection = OpenToWrite(ground);
        var names = Names(connection);
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        var left = new List<string>();
        for (var number = 0; number < names.Count; number++)
        {
            progress.Phase($"Building {names[number]} ({number + 1} of {names.Count})");
            if (Build(connection, ground, names[number], cancellationToken) is { } reason)
            {
                left.Add($"{names[number]}: {reason}");
            }
        }

        var done = $"Built {Indexes(names.Count - left.Count)} anew.";
        return left.Count == 0
            ? new MaintenanceResult(done)
            : new MaintenanceResult(done, $"{Indexes(left.Count)} could not be built.", "Let the application rebuild an index that needs a function or a sort order of its own.") { Findings = left };
    }

    /// <summary>Why an index could not be built: one that needs something of its application stays as it is.</summary>
    private string? Build(SqliteConnection connection, Ground ground, string name, CancellationToken cancellationToken)
    {
        try
        {
            Execute(connection, ground, $"REINDEX main.{SqliteStatements.Quoted(name)}", cancellationToken);
            return null;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            return error.Message;
        }
    }

    private static IReadOnlyList<string> Names(SqliteConnection connection) => connection.ReadTexts("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name");
}
