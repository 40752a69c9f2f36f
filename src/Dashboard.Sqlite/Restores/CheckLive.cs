using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Restores;

/// <summary>Looks at the live database after the commit. Nothing here can undo it, so all that is found is a warning.</summary>
internal sealed class CheckLive(string location, PreparedCopy copy, RunProgress progress, TimeProvider time)
{
    private const long LargeLogBytes = 16L * 1024 * 1024;
    private static readonly TimeSpan CheckpointPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountBudget = TimeSpan.FromSeconds(20);

    public IReadOnlyList<string> Run(Freeze freeze, CancellationToken cancellationToken)
    {
        progress.Phase("Checking", canCancel: false);
        var warnings = new List<string>();
        try
        {
            warnings.AddRange(SqliteConnections.Watch(location, Compare));
        }
        catch (Exception error) when (error is SqliteException or DatabaseException)
        {
            warnings.Add($"The content was replaced, but could not be looked at afterwards: {error.Message}");
        }

        freeze.ShortenLog(CheckpointPatience, time, cancellationToken);

        if (Sidecars.Length(Sidecars.Wal(location)) is var log && log > LargeLogBytes)
        {
            warnings.Add($"The write-ahead log still holds {Words.Bytes(log)}, because another process still used it. It shrinks when the last one closes the database.");
        }

        foreach (var warning in warnings)
        {
            progress.Warn(warning);
        }

        return warnings;
    }

    private IReadOnlyList<string> Compare(SqliteConnection connection)
    {
        Patience.HoldSnapshot(connection, location, LockPatience, time, CancellationToken.None);
        if (Identity.HashSchema(connection) != copy.Schema)
        {
            return ["The schema is not the one that was restored: an application has changed it since."];
        }

        using var interruption = Interruption.After(CountBudget, connection, time, CancellationToken.None);
        var different = copy.Rows.Where(table => Tables.Count(connection, table.Table) != table.Rows).Select(table => table.Table).ToList();
        if (different is [])
        {
            return [];
        }

        // Writers went on the moment after the commit, so rows of their own are no fault.
        var sentence = $"Rows have changed since the commit in {string.Join(", ", different)}.";
        if (FindUsers.Run(location, CancellationToken.None) is null or { Count: > 0 })
        {
            progress.Log(sentence);
            return [];
        }

        return [sentence];
    }
}
