using Dashboard.Core.Backups;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Restores;

/// <summary>Which of both databases bears the live name. The names were changed in one transaction, so it is one or the other.</summary>
internal static class TraceRestore
{
    public static async Task<RestoreTrace> RunAsync(PostgresLocation at, string checkpoint, Watching watching, CancellationToken cancellationToken)
    {
        if (RestoreMark.Read(checkpoint) is not { } mark)
        {
            return RestoreTrace.Unknown;
        }

        await using var connection = await Maintenance.OpenAsync(at, watching, cancellationToken);
        var live = await Maintenance.FindAsync(connection, at.Database, cancellationToken);
        if (live == mark.New)
        {
            return RestoreTrace.Committed;
        }

        if (live != mark.Old)
        {
            return RestoreTrace.Unknown;
        }

        if (!mark.IsKept && Names.IsUnfinishedOf(at.Database, mark.NewName) && await Maintenance.FindAsync(connection, mark.NewName, cancellationToken) == mark.New)
        {
            await Maintenance.DropAsync(connection, mark.NewName, cancellationToken);
        }

        return RestoreTrace.NotCommitted;
    }
}
