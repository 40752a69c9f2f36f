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
    /// <summary>For how long sessions of others are ended, in all. Whoever is still there then won't go.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>
    /// Who is just signing in is left to do it, and ended the next time: refused, he would come again and be refused once more by the change of names.
    /// </summary>
    private const string EndSessions =
        $"""
        SELECT count(pg_terminate_backend(a.pid))
        FROM pg_stat_activity a
        LEFT JOIN pg_roles r ON r.oid = a.usesysid
        WHERE a.datname = ANY ($1) AND a.pid <> pg_backend_pid()
          AND NOT coalesce(a.backend_type = 'client backend' AND a.state IS NULL AND a.backend_start > clock_timestamp() - interval '1 second', false)
          AND coalesce({StubbornSessions.MayEnd}, false)
        """;

    private const string WhoIsLeft =
        """
        SELECT coalesce(nullif(application_name, ''), backend_type, 'a session') || ' (' || coalesce(usename::text || ', ', '') || 'pid ' || pid || ')'
        FROM pg_stat_activity
        WHERE datname = ANY ($1) AND pid <> pg_backend_pid()
        ORDER BY pid
        """;

    /// <param name="old">What the live database is called from now on; null when there is none.</param>
    /// <param name="name">The one that becomes live.</param>
    /// <returns>For how long nobody could connect, at most.</returns>
    /// <exception cref="DatabaseBusyException">When somebody is there whom this login can't end; nobody's session was ended where that was known before.</exception>
    public async Task<TimeSpan> RunAsync(string? old, string name, CancellationToken cancellationToken)
    {
        await watching.LeaveAsync(at);
        await watching.LeaveAsync(at with { Database = name });
        await using var names = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        await using var ender = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        string[] databases = [at.Database, name];
        await DemandEndableAsync(ender, databases, cancellationToken);

        var began = Stopwatch.GetTimestamp();
        using var over = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await TryAsync(names, ender, databases, old, name, over.Token, cancellationToken);
                return Stopwatch.GetElapsedTime(began);
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.LockNotAvailable)
            {
                await DemandEndableAsync(ender, databases, cancellationToken);
                if (over.IsCancellationRequested)
                {
                    throw await ExplainAsync(ender, databases, fault, cancellationToken);
                }
            }
        }
    }

    private async Task DemandEndableAsync(NpgsqlConnection connection, string[] databases, CancellationToken cancellationToken)
    {
        if (await StubbornSessions.FindAsync(connection, databases, cancellationToken) is { Count: > 0 } stubborn)
        {
            throw StubbornSessions.Refuse(at, stubborn);
        }
    }

    private async Task<DatabaseBusyException> ExplainAsync(NpgsqlConnection connection, string[] databases, PostgresException fault, CancellationToken cancellationToken)
    {
        var left = await connection.ListAsync(WhoIsLeft, reader => reader.GetString(0), cancellationToken, (object)databases);
        return new DatabaseBusyException(
            $"{at.Database} could not be renamed: {(left.Count > 0 ? Words.List(left, 3) + " stayed connected" : fault.MessageText)} for {Patience.TotalSeconds:0} seconds. Nothing was changed.",
            "Stop what connects to it, end prepared transactions, then restore again.",
            fault);
    }

    private async Task TryAsync(NpgsqlConnection names, NpgsqlConnection ender, string[] databases, string? old, string name, CancellationToken over, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(over, cancellationToken);
        var ending = EndSessionsAsync(ender, databases, done.Token);
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

    /// <summary>Until the names have changed, or the time is over, or somebody has come whom it can't end: then nobody else is ended for nothing.</summary>
    private static async Task EndSessionsAsync(NpgsqlConnection ender, string[] databases, CancellationToken done)
    {
        try
        {
            while ((await StubbornSessions.FindAsync(ender, databases, CancellationToken.None)).Count == 0)
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
            // Somebody came between the look and the end; the change of names fails, and names him.
        }
    }
}
