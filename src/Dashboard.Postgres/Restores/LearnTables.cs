using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// A restored subscription knows none of its tables. It is told them while it has no slot that exists, and is left disabled: enabling it is then all that it
/// takes to follow, from where the database that is set aside has stopped.
/// </summary>
internal static class LearnTables
{
    /// <summary>The publishing server is asked for the list; one that does not answer must not hold up the restore.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"SET statement_timeout = {SessionSettings.Milliseconds(Patience)}", cancellationToken);
        foreach (var subscription in await Subscriptions.ReadAsync(connection, database, cancellationToken))
        {
            if (subscription is { Slot: not null, IsEnabled: false, MayAlter: true })
            {
                await LearnAsync(connection, subscription, cancellationToken);
            }
        }
    }

    private static async Task LearnAsync(NpgsqlConnection connection, Subscription subscription, CancellationToken cancellationToken)
    {
        var steps = subscription.LearnTablesSteps;
        try
        {
            foreach (var step in steps)
            {
                await connection.ExecuteAsync(step, cancellationToken);
            }
        }
        catch (PostgresException fault) when (connection.FullState == System.Data.ConnectionState.Open && !cancellationToken.IsCancellationRequested && fault.Severity != "FATAL")
        {
            // The publishing server does not answer. It stays as the archive has it, and the advice of the restore has all steps.
            foreach (var step in steps.TakeLast(2))
            {
                await connection.ExecuteAsync(step, cancellationToken);
            }
        }
    }
}
