using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Foreign;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Restores;

/// <summary>A new database beside the live one. Until it is whole it bears a name that says that it is not.</summary>
internal static class RestoreAsCopy
{
    public static async Task<CopyResult> RunAsync(PostgresLocation at, CopyWork work, Watching watching, FindTools tools, RunProgress progress, CancellationToken cancellationToken)
    {
        var (name, unfinished) = (Names.Copy(at.Database, work.Label), Names.UnfinishedCopy(at.Database, work.Label));
        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        if (await MaintenanceDatabase.FindAsync(maintenance, name, cancellationToken) is not null)
        {
            throw new DatabaseException($"There is a database {name} already.", "Drop it, or restore the copy again in a second.");
        }

        try
        {
            await MaintenanceDatabase.DropAsync(maintenance, at, watching, unfinished, cancellationToken);
            var leaveOut = await LeaveOut.OfAsync(maintenance, at, work.File, work.LeavesOut, tools, cancellationToken);
            await Blueprint.CreateAsync(maintenance, at.Database, unfinished, cancellationToken, withoutTablespace: leaveOut.Tablespaces);
            var warnings = await new FillDatabase(at, unfinished, work.File, watching, tools, progress, work.WithoutOwners, await Heirs.FindAsync(maintenance, at, work.WithoutOwners, watching, cancellationToken), isCopy: true, leaveOut: leaveOut).RunAsync(null, cancellationToken);
            await watching.LeaveAsync(at with { Database = unfinished });
            cancellationToken.ThrowIfCancellationRequested();
            await maintenance.ExecuteAsync($"ALTER DATABASE {TableName.Quote(unfinished)} RENAME TO {TableName.Quote(name)}", cancellationToken);
            return new CopyResult((at with { Database = name }).ToString(), warnings);
        }
        catch
        {
            await MaintenanceDatabase.RemoveAsync(at, unfinished, watching, cancellationToken);
            throw;
        }
    }

    public static Task<string?> FindAsync(PostgresLocation at, string label, Watching watching, CancellationToken cancellationToken) =>
        MaintenanceDatabase.InsistAsync(at, watching, async maintenance =>
        {
            await MaintenanceDatabase.DropAsync(maintenance, at, watching, Names.UnfinishedCopy(at.Database, label), cancellationToken);
            var name = Names.Copy(at.Database, label);
            if (await MaintenanceDatabase.FindAsync(maintenance, name, cancellationToken) is not null)
            {
                return (at with { Database = name }).ToString();
            }

            await WeakRole.RemoveAsync(maintenance, WeakRole.NameFor(label), cancellationToken);
            return null;
        }, cancellationToken);
}
