using System.Data;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>Connections to the dashboard's store for samples.</summary>
internal sealed class SampleServer(NpgsqlDataSource source)
{
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);

        // One moment of the store: a row that is moved meanwhile is seen once.
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var answer = await question(connection);
        await moment.CommitAsync(cancellationToken);
        return answer;
    }

    /// <summary>All of it or nothing.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, Func<Task> change, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // A crash of the server may lose the last second of samples, which is worth less than a sync of its disk with each part.
        await using (var relax = new NpgsqlCommand("SET LOCAL synchronous_commit = off", connection))
        {
            await relax.ExecuteNonQueryAsync(cancellationToken);
        }

        await change();
        await transaction.CommitAsync(cancellationToken);
    }
}
