using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Maintenance;

/// <summary>The numbers that stand before and after a task.</summary>
internal static class MeasureDatabase
{
    public static Task<MaintenanceMeasure> RunAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken) =>
        watching.AskAsync(
            at,
            async connection => new MaintenanceMeasure(
                await connection.AskAsync<long>("SELECT pg_database_size(current_database())", cancellationToken),
                FreeBytes: null,
                (await OwnTables.ReadAsync(connection, cancellationToken)).Sum(table => table.DeadRows)),
            cancellationToken);
}
