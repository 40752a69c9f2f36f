using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>A session from where databases can be made, renamed and dropped: one cannot do that to the database that one is in.</summary>
internal static class Maintenance
{
    private static readonly string[] Places = ["postgres", "template1"];

    public static async Task<NpgsqlConnection> OpenAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var password = await watching.FindPasswordAsync(at, cancellationToken);
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

        throw new Core.Databases.DatabaseException($"{at.User} can connect to neither {string.Join(" nor ", Places)} of {at.ServerWords}, from where databases are made and renamed.", "Let it connect to the database postgres.", refusal);
    }

    /// <summary>Null when there is no database of this name.</summary>
    public static async Task<uint?> FindAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        (await connection.ListAsync("SELECT oid FROM pg_database WHERE datname = $1", reader => (uint?)reader.GetFieldValue<uint>(0), cancellationToken, database)).FirstOrDefault();

    /// <summary>With whoever is in it.</summary>
    public static Task DropAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"DROP DATABASE IF EXISTS {Schemas.TableName.Quote(database)} WITH (FORCE)", cancellationToken);
}
