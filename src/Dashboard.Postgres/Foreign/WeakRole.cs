using System.Security.Cryptography;
using System.Text;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Foreign;

/// <summary>
/// A role of its own for one script: it owns the new database, is member of nothing and may do nothing else. Signed in as the dashboard's login and only
/// switched to it, the script could switch back.
/// </summary>
internal static class WeakRole
{
    private const int Iterations = 4096;

    /// <summary>Told from the copy's label, so that it is found after a kill.</summary>
    public static string NameFor(string label) => "dashboard_" + label.Replace('-', '_');

    /// <returns>Its password, which nobody else knows and which is nowhere kept.</returns>
    public static async Task<string> CreateAsync(NpgsqlConnection maintenance, string role, CancellationToken cancellationToken)
    {
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var name = TableName.Quote(role);
        await maintenance.ExecuteAsync($"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{Verifier(password)}'", cancellationToken);
        if (!await maintenance.AskAsync<bool>("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", cancellationToken))
        {
            // To make, rename and read a database that belongs to it. The other way round it gets nothing.
            await maintenance.ExecuteAsync($"GRANT {name} TO CURRENT_USER", cancellationToken);
        }

        return password;
    }

    /// <summary>
    /// Nobody signs in as it again. It goes on owning what it made: given to the dashboard's login, the script's functions would be run with the rights of
    /// that login by the next automatic ANALYZE.
    /// </summary>
    public static Task CloseAsync(NpgsqlConnection maintenance, string role, CancellationToken cancellationToken) =>
        maintenance.ExecuteAsync($"ALTER ROLE {TableName.Quote(role)} NOLOGIN PASSWORD NULL", cancellationToken);

    /// <summary>After its database is gone.</summary>
    public static Task RemoveAsync(NpgsqlConnection maintenance, string role, CancellationToken cancellationToken) =>
        maintenance.ExecuteAsync($"DROP ROLE IF EXISTS {TableName.Quote(role)}", cancellationToken);

    /// <summary>Why none can be made; null when one can.</summary>
    public static async Task<string?> FindBlockerAsync(PostgresLocation at, NpgsqlConnection maintenance, CancellationToken cancellationToken)
    {
        var may = (await maintenance.ListAsync(
            "SELECT pg_is_in_recovery(), rolsuper OR rolcreatedb, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user",
            reader => (IsStandby: reader.GetBoolean(0), Databases: reader.GetBoolean(1), Roles: reader.GetBoolean(2)),
            cancellationToken))[0];
        return may.IsStandby ? $"{at.ServerWords} is a standby and can't be written. Restore on its primary."
            : !may.Databases ? $"{at.User} may not create databases (CREATEDB), and plain SQL goes into a new one only."
            : !may.Roles ? $"{at.User} may not create roles (CREATEROLE). Plain SQL is run by a role of its own that may do nothing else, for nobody can tell what it does. Grant that, or take the dump with pg_dump --format=custom."
            : null;
    }

    /// <summary>What the server keeps of a password: so the password itself is in no statement and no log of the server.</summary>
    private static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(HMACSHA256.HashData(salted, "Server Key"u8))}";
    }
}
