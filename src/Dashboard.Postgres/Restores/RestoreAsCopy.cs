using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Restores;

/// <summary>A new database beside the live one. Until it is whole it bears a name that says that it is not.</summary>
internal static class RestoreAsCopy
{
    public static async Task<string> RunAsync(PostgresLocation at, string file, string label, Watching watching, FindTools tools, RunProgress progress, CancellationToken cancellationToken)
    {
        var (name, unfinished) = (Names.Copy(at.Database, label), Names.UnfinishedCopy(at.Database, label));
        await using var maintenance = await Maintenance.OpenAsync(at, watching, cancellationToken);
        if (await Maintenance.FindAsync(maintenance, name, cancellationToken) is not null)
        {
            throw new DatabaseException($"There is a database {name} already.", "Drop it, or restore the copy again in a second.");
        }

        try
        {
            await Maintenance.DropAsync(maintenance, unfinished, cancellationToken);
            await Blueprint.CreateAsync(maintenance, at.Database, unfinished, cancellationToken);
            var warnings = await new FillDatabase(at, unfinished, file, watching, tools, progress).RunAsync(null, cancellationToken);
            warnings.ToList().ForEach(progress.Warn);
            await watching.LeaveAsync(at with { Database = unfinished });
            cancellationToken.ThrowIfCancellationRequested();
            await maintenance.ExecuteAsync($"ALTER DATABASE {TableName.Quote(unfinished)} RENAME TO {TableName.Quote(name)}", cancellationToken);
            return (at with { Database = name }).ToString();
        }
        catch
        {
            await Maintenance.RemoveAsync(at, unfinished, watching, cancellationToken);
            throw;
        }
    }

    public static Task<string?> FindAsync(PostgresLocation at, string label, Watching watching, CancellationToken cancellationToken) =>
        Maintenance.InsistAsync(at, watching, async maintenance =>
        {
            await Maintenance.DropAsync(maintenance, Names.UnfinishedCopy(at.Database, label), cancellationToken);
            var name = Names.Copy(at.Database, label);
            return await Maintenance.FindAsync(maintenance, name, cancellationToken) is null ? null : (at with { Database = name }).ToString();
        }, cancellationToken);
}
