using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>Fills a new database from an archive: pg_restore that stops at the first fault, ANALYZE, and every table counted against the archive.</summary>
/// <param name="heir">To whom all belongs where owners are left out; null for the login itself.</param>
/// <param name="isCopy">Whether the live database stays beside it and goes on following what it has subscribed to.</param>
internal sealed class FillDatabase(PostgresLocation at, string database, string file, Watching watching, FindTools tools, RunProgress progress, bool withoutOwners = false, string? heir = null, bool isCopy = false, LeaveOut? leaveOut = null)
{
    private static readonly string[] WithoutOwners = ["--no-owner", "--no-acl"];

    private IReadOnlyList<string> _arguments = [];
    private readonly string _application = ToolTarget.NewApplication("restore");

    public static string LeftOut(string owner) => $"Owners and rights of the backup were left out: all that it holds belongs to {owner}.";

    /// <param name="expected">What the archive holds; null when it was not counted.</param>
    /// <returns>What pg_restore warned of.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<TableRows>? expected, CancellationToken cancellationToken)
    {
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        var leaves = leaveOut ?? LeaveOut.Nothing;
        _arguments = await leaves.ArgumentsAsync(file, tools.Newest(), cancellationToken);
        var subscriptions = await Subscriptions.InArchiveAsync(file, tools.Newest(), cancellationToken);
        var mayMake = subscriptions.Count == 0 || await watching.AskServerAsync(at, connection => Subscriptions.MayMakeAsync(connection, cancellationToken), cancellationToken);
        var withSubscriptions = mayMake && !isCopy;
        List<string> warnings =
        [
            .. leaves.Words,
            .. (await RestoreAsync(password, expected?.Sum(table => table.Rows) ?? 0, withSubscriptions, cancellationToken)).Where(warning => !Subscriptions.IsTold(warning)),
            .. withSubscriptions ? [] : subscriptions.Select(name => mayMake ? Subscriptions.LeftOutOfCopy(name) : Subscriptions.LeftOut(name, at.User)),
        ];
        await using var connection = await PostgresConnections.OpenAsync(at, password, null, cancellationToken, database);
        progress.Phase("Analyzing");
        await connection.ExecuteAsync("ANALYZE", cancellationToken);
        if (expected is not null)
        {
            await CompareAsync(connection, expected, cancellationToken);
        }

        if (withSubscriptions && subscriptions.Count > 0)
        {
            await LearnTables.RunAsync(connection, database, cancellationToken);
        }

        return warnings;
    }

    private async Task<IReadOnlyList<string>> RestoreAsync(string? password, long rows, bool withSubscriptions, CancellationToken cancellationToken)
    {
        var bytes = new FileInfo(file).Length;
        progress.Phase("Restoring", bytes);
        using var tool = RunTool.Start(
            tools.Newest(),
            "pg_restore",
            ["--exit-on-error", "--verbose", $"--jobs={Math.Clamp(Environment.ProcessorCount, 2, 4)}", .. withoutOwners ? WithoutOwners : [], .. withSubscriptions ? Array.Empty<string>() : ["--no-subscriptions"], .. heir is null ? Array.Empty<string>() : ["--role=" + heir], .. _arguments, file],
            new ToolTarget(at, database, password, _application),
            file + ".pass");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(rows, bytes, stop.Token);
        try
        {
            var code = await tool.WaitAsync(cancellationToken);
            if (code != 0 || tool.Errors.Count > 0)
            {
                throw new DatabaseException($"pg_restore stopped: {tool.Fault.Trim()}", "The live database was not touched. The plan lists roles and extensions that are missing; the log of the server says more.");
            }

            progress.Report(bytes, bytes);
            return withoutOwners ? [LeftOut(heir ?? at.User), .. tool.Warnings] : tool.Warnings;
        }
        catch
        {
            tool.Dispose();
            await Sessions.EndAsync(at, _application, watching);
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Rows that have arrived in the new database, which nobody else writes to; indexes come last and are the rest of the bar.</summary>
    private Task WatchAsync(long rows, long bytes, CancellationToken stop)
    {
        const double shareOfRows = 0.8;
        return rows == 0 ? Task.CompletedTask : WatchTool.RunAsync(async () =>
        {
            var arrived = await watching.AskServerAsync(at, connection => connection.AskAsync<long>(
                """
                SELECT (coalesce((SELECT sum(tup_inserted) FROM pg_stat_database WHERE datname = $1), 0)
                      + coalesce((SELECT sum(tuples_processed) FROM pg_stat_progress_copy WHERE datname = $1), 0))::bigint
                """,
                stop,
                database), stop);
            progress.Report((long)(bytes * shareOfRows * Math.Min(1, arrived / (double)rows)));
        }, watching.Time, stop);
    }

    private async Task CompareAsync(NpgsqlConnection connection, IReadOnlyList<TableRows> expected, CancellationToken cancellationToken)
    {
        progress.Phase("Comparing");
        List<TableRows> counted = [];
        foreach (var table in expected)
        {
            try
            {
                counted.Add(new TableRows(table.Table, await connection.AskAsync<long>($"SELECT count(*) FROM ONLY {Schemas.TableName.Parse(table.Table).ToSql()}", cancellationToken)));
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // It is missing, and Compare says so.
            }
        }

        if (CheckArchive.Compare(expected, counted).ToList() is { Count: > 0 } differences)
        {
            throw new DatabaseException($"What was restored is not what the archive holds: {string.Join(" ", differences.Take(3))} It was thrown away, and the live database was not touched.", "Check the backup, then try again.");
        }
    }
}
