using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>What a server says of a login, and of all that an archive asks for by name.</summary>
internal sealed class RestoreFacts
{
    private const int FirstWithParameterRights = 150000;
    private const int FirstWithSetOption = 160000;

    public required bool IsSuperuser { get; init; }

    public required int VersionNumber { get; init; }

    public required bool MayMakeSubscriptions { get; init; }

    /// <summary>Of the database that is restored; the login itself where there is none.</summary>
    public required string DatabaseOwner { get; init; }

    public required IReadOnlyDictionary<string, RoleFact> Roles { get; init; }

    /// <summary>Owners that inherit the rights of a schema's owner, by both names.</summary>
    public required IReadOnlySet<(string Owner, string SchemaOwner)> Members { get; init; }

    public required IReadOnlyDictionary<string, ExtensionFact> Extensions { get; init; }

    public required IReadOnlyDictionary<string, bool> Tablespaces { get; init; }

    /// <summary>Parameters that this login may not set for others to find.</summary>
    public required IReadOnlySet<string> ForbiddenParameters { get; init; }

    public static async Task<RestoreFacts> ReadAsync(NpgsqlConnection connection, PostgresLocation at, ArchiveContents contents, CancellationToken cancellationToken)
    {
        var version = await connection.AskAsync<int>("SELECT current_setting('server_version_num')::int", cancellationToken);
        var owner = await connection.AskAsync<string>("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1", cancellationToken, at.Database) ?? at.User;
        var demands = contents.Demands.ToLookup(demand => demand.Kind);
        return new RestoreFacts
        {
            IsSuperuser = await connection.AskAsync<bool>("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", cancellationToken),
            VersionNumber = version,
            MayMakeSubscriptions = await Backups.Subscriptions.MayMakeAsync(connection, cancellationToken),
            DatabaseOwner = owner,
            Roles = await ReadRolesAsync(connection, version, [.. contents.Roles, .. contents.SchemaOwners.Values, owner], cancellationToken),
            Members = await ReadMembersAsync(connection, [.. demands[DemandKind.CreateIn].Select(demand => (demand.Name, contents.OwnerOf(demand.Schema!) ?? owner)), .. demands[DemandKind.CreateInDatabase].Select(demand => (demand.Name, owner))], cancellationToken),
            Extensions = await ReadExtensionsAsync(connection, [.. demands[DemandKind.Extension].Select(demand => demand.Name)], cancellationToken),
            Tablespaces = await ReadTablespacesAsync(connection, [.. demands[DemandKind.Tablespace].Select(demand => demand.Name)], cancellationToken),
            ForbiddenParameters = await ReadForbiddenAsync(connection, version, [.. demands[DemandKind.Parameter].Select(demand => demand.Name)], cancellationToken),
        };
    }

    /// <summary>What is known and is everybody's to set, or was granted. All others, those of no module that is loaded too, are a superuser's.</summary>
    public static async Task<HashSet<string>> ReadForbiddenAsync(NpgsqlConnection connection, int version, IReadOnlyList<string> parameters, CancellationToken cancellationToken) =>
        parameters.Count == 0 ? [] : [.. await connection.ListAsync(
            $"""
            SELECT asked FROM unnest($1) AS asked
            WHERE NOT EXISTS (SELECT FROM pg_settings WHERE lower(name) = lower(asked) AND context = 'user')
              AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
              {(version >= FirstWithParameterRights ? "AND NOT has_parameter_privilege(lower(asked), 'SET')" : "")}
            """,
            reader => reader.GetString(0),
            cancellationToken,
            (object)parameters.ToArray())];

    private static async Task<Dictionary<string, RoleFact>> ReadRolesAsync(NpgsqlConnection connection, int version, IReadOnlyList<string> roles, CancellationToken cancellationToken) =>
        (await connection.ListAsync(
            $"""
            SELECT r.rolname::text, r.rolsuper, pg_has_role(r.oid, 'USAGE'){(version >= FirstWithSetOption ? " AND pg_has_role(r.oid, 'SET')" : "")}
            FROM pg_roles r WHERE r.rolname = ANY ($1)
            """,
            reader => (Name: reader.GetString(0), Fact: new RoleFact(reader.GetBoolean(1), reader.GetBoolean(2))),
            cancellationToken,
            (object)roles.Distinct().ToArray())).ToDictionary(role => role.Name, role => role.Fact, StringComparer.Ordinal);

    private static async Task<HashSet<(string Owner, string SchemaOwner)>> ReadMembersAsync(NpgsqlConnection connection, IReadOnlyList<(string Owner, string SchemaOwner)> pairs, CancellationToken cancellationToken) =>
        pairs.Count == 0 ? [] : [.. await connection.ListAsync(
            """
            SELECT owner.rolname::text, of.rolname::text
            FROM unnest($1, $2) AS asked (owner, of) JOIN pg_roles owner ON owner.rolname = asked.owner JOIN pg_roles of ON of.rolname = asked.of
            WHERE pg_has_role(owner.oid, of.oid, 'USAGE')
            """,
            reader => (reader.GetString(0), reader.GetString(1)),
            cancellationToken,
            pairs.Select(pair => pair.Owner).ToArray(),
            pairs.Select(pair => pair.SchemaOwner).ToArray())];

    private static async Task<Dictionary<string, ExtensionFact>> ReadExtensionsAsync(NpgsqlConnection connection, IReadOnlyList<string> extensions, CancellationToken cancellationToken) =>
        extensions.Count == 0 ? [] : (await connection.ListAsync(
            """
            SELECT v.name::text, bool_or(v.superuser AND NOT v.trusted)
            FROM pg_available_extension_versions v JOIN pg_available_extensions e ON e.name = v.name AND e.default_version = v.version
            WHERE v.name = ANY ($1) GROUP BY v.name
            """,
            reader => (Name: reader.GetString(0), Fact: new ExtensionFact(reader.GetBoolean(1))),
            cancellationToken,
            (object)extensions.ToArray())).ToDictionary(extension => extension.Name, extension => extension.Fact, StringComparer.Ordinal);

    private static async Task<Dictionary<string, bool>> ReadTablespacesAsync(NpgsqlConnection connection, IReadOnlyList<string> tablespaces, CancellationToken cancellationToken) =>
        tablespaces.Count == 0 ? [] : (await connection.ListAsync(
            "SELECT spcname::text, has_tablespace_privilege(oid, 'CREATE') FROM pg_tablespace WHERE spcname = ANY ($1)",
            reader => (Name: reader.GetString(0), IsAllowed: reader.GetBoolean(1)),
            cancellationToken,
            (object)tablespaces.ToArray())).ToDictionary(tablespace => tablespace.Name, tablespace => tablespace.IsAllowed, StringComparer.Ordinal);
}

/// <param name="IsHeld">Whether the login can give things to this role.</param>
internal sealed record RoleFact(bool IsSuperuser, bool IsHeld);

/// <param name="NeedsSuperuser">Whether the extension may be made by a superuser only: it is not trusted.</param>
internal sealed record ExtensionFact(bool NeedsSuperuser);
