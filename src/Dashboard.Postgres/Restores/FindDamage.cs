using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>Whether the live database can be opened, over a session of its own: one that is open already works on where no new one could be.</summary>
internal static class FindDamage
{
    /// <summary>Null when it can be opened; else that it is damaged, or that it is not there.</summary>
    public static async Task<DatabaseException?> RunAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken)
    {
        try
        {
            await watching.AskFreshAsync(at, connection => connection.AskAsync<long>("SELECT count(*) FROM pg_class", cancellationToken), cancellationToken);
            return null;
        }
        catch (PostgresException fault) when (PostgresErrors.Explain(fault, at) is DatabaseDamagedException or DatabaseMissingException)
        {
            return PostgresErrors.Explain(fault, at);
        }
    }
}
