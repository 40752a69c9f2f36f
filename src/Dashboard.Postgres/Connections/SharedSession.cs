using System.Runtime.CompilerServices;
using Dashboard.Core.Databases;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>
/// Connections to a pooler (PgBouncer and others). It lends a session of the server to us for one transaction and to the application for the next one, so
/// a setting that outlives our transaction would be the application's. Such a connection is marked here, and everything that it asks is one transaction.
/// </summary>
internal static class SharedSession
{
    private static readonly ConditionalWeakTable<NpgsqlConnection, object> Marked = [];

    /// <summary>Whether a pooler answers on it.</summary>
    public static bool Is(NpgsqlConnection connection) => Marked.TryGetValue(connection, out _);

    /// <summary>
    /// Makes a new connection ours: its settings are made if, and only if, the session of the server is our own. A server tells the process of a session when it
    /// begins; a pooler makes up a number, for the session may be another one at any time. Both in one statement, so that nothing can come in between.
    /// </summary>
    public static async Task SetUpAsync(NpgsqlConnection connection, SessionSettings settings, string name, CancellationToken cancellationToken)
    {
        var isOwn = await connection.ListAsync(
            $"SELECT {settings.ForSession(name)} WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) $1",
            _ => true,
            cancellationToken,
            connection.ProcessID);
        if (isOwn.Count == 0)
        {
            Marked.Add(connection, settings);
        }
    }

    /// <summary>A question that leaves nothing behind: one transaction that only reads, with settings that end with it.</summary>
    public static async Task<T> AskAsync<T>(NpgsqlConnection connection, SessionSettings settings, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {settings.ForTransaction}", cancellationToken);
        try
        {
            return await question(connection);
        }
        finally
        {
            // Whoever does not wait any longer closes the connection, and the pooler ends the transaction.
            if (connection.FullState == System.Data.ConnectionState.Open && !cancellationToken.IsCancellationRequested)
            {
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
            }
        }
    }

    /// <summary>A part of such a question: what it sets and locks ends with it, and a fault in it leaves the rest of the transaction usable.</summary>
    public static async Task<T> PartAsync<T>(NpgsqlConnection connection, Func<Task<T>> part, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("SAVEPOINT part", cancellationToken);
        try
        {
            return await part();
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open && !cancellationToken.IsCancellationRequested)
            {
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part", CancellationToken.None);
            }
        }
    }

    public static DatabaseException Refuse(PostgresLocation at) => new(
        $"{at.ServerWords} is a connection pooler (such as PgBouncer), and this needs a session of its own on the server.",
        "Use the server's direct address, usually with port 5432: change the location in the settings of the database.");
}
