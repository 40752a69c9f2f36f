using System.Data;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>One moment of a database, which nothing is written in.</summary>
internal static class Snapshot
{
    public static async Task<T> InAsync<T>(NpgsqlConnection connection, Func<Task<T>> look, CancellationToken cancellationToken)
    {
        if (SharedSession.Is(connection))
        {
            return await SharedSession.PartAsync(connection, look, cancellationToken);
        }

        // Rolled back whatever happens: a connection that others use next must not be left in it.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.ExecuteAsync("SET TRANSACTION READ ONLY", cancellationToken);
        return await look();
    }
}
