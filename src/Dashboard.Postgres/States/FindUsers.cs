using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.States;

/// <summary>Sessions of others in the database; those of this product begin with its name.</summary>
internal static class FindUsers
{
    private const string Question =
        """
        SELECT pid, coalesce(nullif(application_name, ''), usename::text, backend_type), usename::text, coalesce(host(client_addr), 'this machine')
        FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND NOT starts_with(application_name, $2) AND NOT starts_with(application_name, $2 || ' ')
        ORDER BY backend_start
        """;

    public static async Task<IReadOnlyList<DatabaseUser>?> RunAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken) =>
        await watching.AskServerAsync(at, connection => connection.ListAsync(
            Question,
            reader => new DatabaseUser(reader.GetInt32(0), Name(reader.GetString(1), reader.IsDBNull(2) ? "" : reader.GetString(2), reader.GetString(3))),
            cancellationToken,
            at.Database,
            PostgresConnections.ApplicationName), cancellationToken);

    private static string Name(string application, string user, string from) => application == user ? $"{user} from {from}" : $"{application} ({user}) from {from}";
}
