using System.Text.Json;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>What a restore must find at its target, written into the manifest: roles, extensions, encoding and collation.</summary>
internal static class BackupIdentity
{
    public const string Roles = "roles";
    public const string Extensions = "extensions";

    /// <summary>Who owns each extension: no dump says it.</summary>
    private const string ExtensionOwners = "extension-owners";

    private const string RolesQuestion =
        """
        SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()
        UNION SELECT r.rolname::text FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
        WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        ORDER BY 1
        """;

    public static async Task<Dictionary<string, string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var database = await connection.ListAsync(
            "SELECT datname::text, pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding), datcollate::text, datctype::text FROM pg_database WHERE datname = current_database()",
            reader => (Name: reader.GetString(0), Owner: reader.GetString(1), Encoding: reader.GetString(2), Collate: reader.GetString(3), Ctype: reader.GetString(4)),
            cancellationToken);
        return new Dictionary<string, string>
        {
            ["database"] = database[0].Name,
            ["owner"] = database[0].Owner,
            ["encoding"] = database[0].Encoding,
            ["collate"] = database[0].Collate,
            ["ctype"] = database[0].Ctype,
            [Roles] = JsonSerializer.Serialize(await connection.ListAsync(RolesQuestion, reader => reader.GetString(0), cancellationToken)),
            [ExtensionOwners] = JsonSerializer.Serialize((await connection.ListAsync("SELECT extname::text, pg_get_userbyid(extowner)::text FROM pg_extension", reader => (Name: reader.GetString(0), Owner: reader.GetString(1)), cancellationToken)).ToDictionary(extension => extension.Name, extension => extension.Owner)),
            [Extensions] = JsonSerializer.Serialize(await connection.ListAsync("SELECT extname::text FROM pg_extension ORDER BY 1", reader => reader.GetString(0), cancellationToken)),
        };
    }

    /// <summary>By name; empty for backups of before it was written down, and for dumps of others.</summary>
    public static IReadOnlyDictionary<string, string> ReadExtensionOwners(IReadOnlyDictionary<string, string> identity) =>
        identity.TryGetValue(ExtensionOwners, out var json) ? JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [] : [];

    public static IReadOnlyList<string> Read(IReadOnlyDictionary<string, string> identity, string key) =>
        identity.TryGetValue(key, out var json) ? JsonSerializer.Deserialize<List<string>>(json) ?? [] : [];
}
