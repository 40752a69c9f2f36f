using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// Whose the content is where its owners are left out. A login that was given for one restore must not keep it: the application signs in as whom the
/// database belongs to.
/// </summary>
internal static class Heirs
{
    /// <summary>Null for the login itself.</summary>
    public static async Task<string?> FindAsync(NpgsqlConnection maintenance, PostgresLocation at, bool withoutOwners, Watching watching, CancellationToken cancellationToken) =>
        withoutOwners && watching.IsLent
            ? await maintenance.AskAsync<string>("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1", cancellationToken, at.Database)
            : null;
}
