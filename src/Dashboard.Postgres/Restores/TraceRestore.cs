using Dashboard.Core.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>Which of both databases bears the live name, or which tables the live one has. It was changed in one transaction, so it is one or the other.</summary>
internal static class TraceRestore
{
    public static async Task<RestoreTrace> RunAsync(PostgresLocation at, string checkpoint, Watching watching, CancellationToken cancellationToken) =>
        RestoreMark.Read(checkpoint) is { } mark
            ? await MaintenanceDatabase.InsistAsync(at, watching, connection => LookAsync(connection, at, mark, watching, cancellationToken), cancellationToken)
        : InPlaceMark.Read(checkpoint) is { } inPlace
            ? await MaintenanceDatabase.InsistAsync(at, watching, _ => watching.AskFreshAsync(at, connection => inPlace.TraceAsync(connection, watching.Time, cancellationToken), cancellationToken), cancellationToken)
            : RestoreTrace.Unknown;

    private static async Task<RestoreTrace> LookAsync(NpgsqlConnection connection, PostgresLocation at, RestoreMark mark, Watching watching, CancellationToken cancellationToken)
    {
        if (await MaintenanceDatabase.FindAsync(connection, at.Database, cancellationToken) == mark.Old
            && !mark.IsKept
            && Names.IsUnfinishedOf(at.Database, mark.NewName)
            && await MaintenanceDatabase.FindAsync(connection, mark.NewName, cancellationToken) == mark.New)
        {
            // A change of names that is still under way on the server holds it, so that this waits; had that come through, nothing bears the name.
            await MaintenanceDatabase.DropAsync(connection, at, watching, mark.NewName, cancellationToken);
        }

        var live = await MaintenanceDatabase.FindAsync(connection, at.Database, cancellationToken);
        if (live is { } old && live == mark.Old && mark.Disabled is { Count: > 0 } disabled)
        {
            await new PauseSubscriptions(at, watching, old, disabled).ResumeAsync(cancellationToken);
        }

        return live == mark.New ? RestoreTrace.Committed : live == mark.Old ? RestoreTrace.NotCommitted : RestoreTrace.Unknown;
    }
}
