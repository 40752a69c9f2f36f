using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// The step that changes which database is live: both names in one transaction, while a second session ends whoever is in the old one. There is no
/// half-way state: killed anywhere, either both names have changed or none.
/// </summary>
internal sealed class ChangeNames(PostgresLocation at, Watching watching)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// Who is just signing in is left to do it, and ended the next time: refused, he would come again and be refused once more by the change of names.
    /// </summary>
    private const string EndSessions =
        """
        SELECT count(pg_terminate_backend(pid))
        FROM pg_stat_activity
        WHERE datname = ANY ($1) AND pid <> pg_backend_pid()
          AND NOT coalesce(backend_type = 'client backend' AND state IS NULL AND backend_start > clock_timestamp() - interval '1 second', false)
        """;

    /// <param name="old">What the live database is called from now on; null when there is none.</param>
    /// <param name="name">The one that becomes live.</param>
    /// <returns>For how long nobody could connect, at most.</returns>
    public async Task<TimeSpan> RunAsync(string? old, string name, CancellationToken cancellationToken)
    {
        await watching.LeaveAsync(at);
        await watching.LeaveAsync(at with { Database = name });
        await using var names = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        await using var ender = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await TryAsync(names, ender, old, name, cancellationToken);
                return Stopwatch.GetElapsedTime(began);
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.LockNotAvailable)
            {
                if (Stopwatch.GetElapsedTime(began) > Patience)
                {
                    throw new DatabaseBusyException(
                        $"{at.Database} could not be renamed within {Patience.TotalSeconds:0} seconds: {fault.MessageText}{(fault.Detail is null ? "" : $" ({fault.Detail.TrimEnd('.')})")}. Nothing was changed.",
                        "Stop what uses it, or let this login end the sessions of others (pg_signal_backend); prepared transactions must be ended by hand.",
                        fault);
                }
            }
        }
    }

    private async Task TryAsync(NpgsqlConnection names, NpgsqlConnection ender, string? old, string name, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ending = EndSessionsAsync(ender, [at.Database, name], done.Token);
        try
        {
            await using var transaction = await names.BeginTransactionAsync(cancellationToken);
            await names.ExecuteAsync("SET LOCAL lock_timeout = '3s'", cancellationToken);
            if (old is not null)
            {
                await names.ExecuteAsync($"ALTER DATABASE {TableName.Quote(at.Database)} RENAME TO {TableName.Quote(old)}", cancellationToken);
            }

            await names.ExecuteAsync($"ALTER DATABASE {TableName.Quote(name)} RENAME TO {TableName.Quote(at.Database)}", cancellationToken);

            // From here on it can't be taken back by a cancel.
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            await done.CancelAsync();
            await ending;
        }
    }

    private static async Task EndSessionsAsync(NpgsqlConnection ender, string[] databases, CancellationToken done)
    {
        try
        {
            while (true)
            {
                await ender.AskAsync<long>(EndSessions, CancellationToken.None, (object)databases);
                await Task.Delay(Pause, done);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Sessions that it may not end keep the name; the rename says so when its patience is over.
        }
    }
}
