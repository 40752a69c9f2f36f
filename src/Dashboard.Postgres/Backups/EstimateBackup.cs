using Dashboard.Core.Backups;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Backups;

/// <summary>A dump holds no indexes and no dead rows, and its text may be longer than what the server stores: about as large as the database.</summary>
internal static class EstimateBackup
{
    public static Task<BackupEstimate> RunAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken) =>
        watching.AskAsync(at, async connection => new BackupEstimate(await connection.AskAsync<long>("SELECT pg_database_size(current_database())", cancellationToken), 0), cancellationToken);
}
