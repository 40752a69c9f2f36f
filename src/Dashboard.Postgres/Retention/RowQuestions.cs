using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>Asks about rows over sessions of their own: what is counted may take longer than watching a server may.</summary>
internal sealed class RowQuestions(Watching watching, TimeProvider time)
{
    private const string SessionName = PostgresConnections.ApplicationName + " retention";

    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(10);

    /// <summary>For a lock on the table: behind whoever waits longer, everybody else waits too.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public Task<RowTable> LookAsync(PostgresLocation at, string table, CancellationToken cancellationToken) =>
        AskAsync(at, LookPatience, connection => LookAtRowTable.RunAsync(connection, at, table, cancellationToken), cancellationToken);

    public Task<string?> FindConditionFaultAsync(PostgresLocation at, string table, string condition, CancellationToken cancellationToken) =>
        AskAsync(at, LookPatience, async connection => await CheckCondition.FindFaultAsync(connection, await RowTarget.ReadAsync(connection, at, table, cancellationToken), condition, cancellationToken), cancellationToken);

    public Task<RowClock> ReadClockAsync(PostgresLocation at, RowTime rows, CancellationToken cancellationToken) =>
        ReadOnlyAsync(at, async connection => await CountOldRows.ReadClockAsync(connection, await RowTarget.ReadAsync(connection, at, rows.Table, cancellationToken), rows, cancellationToken), cancellationToken);

    /// <summary>The condition is looked at here too: nothing is counted by one that does more than choose.</summary>
    public Task<RowPreview> PreviewAsync(PostgresLocation at, RowSelection selection, CancellationToken cancellationToken) =>
        AskAsync(at, null, async connection =>
        {
            var target = await RowTarget.ReadAsync(connection, at, selection.Time.Table, cancellationToken);
            if (selection.Condition is { } condition && await CheckCondition.FindFaultAsync(connection, target, condition, cancellationToken) is { } fault)
            {
                throw new DatabaseException(fault, "Correct the condition.");
            }

            await connection.ExecuteAsync("SET default_transaction_read_only = on", cancellationToken);
            return await CountOldRows.RunAsync(connection, target, selection, cancellationToken);
        }, cancellationToken);

    public async Task<IRowSession> OpenAsync(PostgresLocation at, RowSelection selection, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(at, null, cancellationToken);
        try
        {
            return await RowSession.OpenAsync(at, connection, selection, time, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private Task<T> ReadOnlyAsync<T>(PostgresLocation at, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken) => AskAsync(at, null, async connection =>
    {
        await connection.ExecuteAsync("SET default_transaction_read_only = on", cancellationToken);
        return await question(connection);
    }, cancellationToken);

    private async Task<T> AskAsync<T>(PostgresLocation at, TimeSpan? patience, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(at, patience, cancellationToken);
        return await question(connection);
    }

    private async Task<NpgsqlConnection> ConnectAsync(PostgresLocation at, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var connection = await PostgresConnections.OpenAsync(at, await watching.FindPasswordAsync(at, cancellationToken), patience, cancellationToken, name: SessionName);
        await connection.ExecuteAsync($"SET lock_timeout = {SessionSettings.Milliseconds(LockPatience)}", cancellationToken);
        return connection;
    }
}
