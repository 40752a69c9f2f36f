using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>A session from where databases can be made, renamed and dropped: one cannot do that to the database that one is in.</summary>
internal static class MaintenanceDatabase
{
    private static readonly string[] Places = ["postgres", "template1"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public static async Task<NpgsqlConnection> OpenAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken, TimeSpan? patience = null) =>
        await OpenAsync(at, await watching.FindPasswordAsync(at, cancellationToken), cancellationToken, patience);

    public static async Task<NpgsqlConnection> OpenAsync(PostgresLocation at, string? password, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        PostgresException? refusal = null;
        foreach (var place in Places.Where(place => place != at.Database))
        {
            try
            {
                return await PostgresConnections.OpenAsync(at, password, patience, cancellationToken, place);
            }
            catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.ObjectNotInPrerequisiteState)
            {
                refusal = fault;
            }
        }

        throw new LoginRefusedException($"{at.User} can connect to neither {string.Join(" nor ", Places)} of {at.ServerWords}, from where databases are made and renamed.", "Let it connect to the database postgres.", refusal);
    }

    /// <summary>
    /// For what has to be told or put in order after a fault: a server that was killed is up again within seconds, so it is asked until it answers,
    /// and only then given up. What is asked must be safe to repeat.
    /// </summary>
    public static async Task<T> InsistAsync<T>(PostgresLocation at, Watching watching, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var began = watching.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await OpenAsync(at, watching, CancellationToken.None, Patience);
                return await work(connection);
            }
            catch (Exception fault) when (IsPassing(fault) && !cancellationToken.IsCancellationRequested && watching.Time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, watching.Time, CancellationToken.None);
            }
        }
    }

    /// <summary>What a session of ours that died a moment ago still holds is let go of, too.</summary>
    private static bool IsPassing(Exception fault) =>
        PostgresErrors.IsOfReach(fault) || fault is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.ObjectInUse };

    /// <summary>Null when there is no database of this name.</summary>
    public static async Task<uint?> FindAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        (await connection.ListAsync("SELECT oid FROM pg_database WHERE datname = $1", reader => (uint?)reader.GetFieldValue<uint>(0), cancellationToken, database)).FirstOrDefault();

    /// <summary>Nothing that is unfinished stays, however its making ended. It is not insisted on when somebody waits for our end.</summary>
    public static Task RemoveAsync(PostgresLocation at, string database, Watching watching, CancellationToken cancellationToken) =>
        InsistAsync(at, watching, async connection =>
        {
            await DropAsync(connection, at, watching, database, CancellationToken.None);
            return true;
        }, cancellationToken);

    /// <summary>With whoever is in it, and with its subscriptions. The slots on the publishing server stay: the live database may follow them.</summary>
    /// <exception cref="DatabaseException">When it holds a subscription that this login may not remove; with the steps.</exception>
    public static async Task DropAsync(NpgsqlConnection connection, PostgresLocation at, Watching watching, string database, CancellationToken cancellationToken)
    {
        var drop = $"DROP DATABASE IF EXISTS {Schemas.TableName.Quote(database)} WITH (FORCE)";
        try
        {
            await connection.ExecuteAsync(drop, cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.ObjectInUse && fault.MessageText.Contains("subscription", StringComparison.Ordinal))
        {
            await RemoveSubscriptionsAsync(connection, at, watching, database, cancellationToken);
            await connection.ExecuteAsync(drop, cancellationToken);
        }
    }

    private static async Task RemoveSubscriptionsAsync(NpgsqlConnection connection, PostgresLocation at, Watching watching, string database, CancellationToken cancellationToken)
    {
        var subscriptions = await Subscriptions.ReadAsync(connection, database, cancellationToken);
        if (subscriptions.Where(one => !one.MayAlter).ToList() is { Count: > 0 } others)
        {
            throw new DatabaseException(
                $"{database} holds the subscription {others[0].Name}, which {at.User} may not remove.",
                $"Run as {others[0].Owner} or a superuser in {database}: {string.Join(" ", others.Select(one => one.RemoveSteps))} Then delete it again.");
        }

        await using var inside = await PostgresConnections.OpenAsync(at, await watching.FindPasswordAsync(at, cancellationToken), null, cancellationToken, database);
        await Subscriptions.RemoveAsync(inside, cancellationToken);
    }
}
