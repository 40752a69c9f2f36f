using System.Diagnostics;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// Where no database may be made beside: the objects of the archive are replaced in the live database, in one transaction. It happens whole or not at all,
/// but nothing is kept of before, and what the archive does not know stays as it is.
/// </summary>
internal sealed class RestoreInPlace(PostgresLocation at, RestoreWork work, Watching watching, FindTools tools, RunProgress progress)
{
    public async Task<RestoreResult> RunAsync(CancellationToken cancellationToken)
    {
        var application = ToolTarget.NewApplication("restore");
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        await work.CheckpointAsync("in place");
        progress.Phase("Restoring in place");
        var began = Stopwatch.GetTimestamp();
        var file = work.Content.Name;
        using var tool = RunTool.Start(
            tools.Newest(),
            "pg_restore",
            ["--clean", "--if-exists", "--no-owner", "--no-acl", "--single-transaction", "--exit-on-error", "--verbose", file],
            new ToolTarget(at, at.Database, password, application),
            file + ".pass");
        try
        {
            if (await tool.WaitAsync(cancellationToken) != 0 || tool.Errors.Count > 0)
            {
                throw new DatabaseException($"pg_restore stopped, and its transaction was taken back: {tool.Fault.Trim()}", "Nothing was changed. Give this login what the plan says is missing.");
            }
        }
        catch
        {
            tool.Dispose();
            await Sessions.EndAsync(at, application, watching);
            throw;
        }

        return new RestoreResult(Stopwatch.GetElapsedTime(began), null, [FillDatabase.LeftOut(at.User), .. tool.Warnings]);
    }
}
