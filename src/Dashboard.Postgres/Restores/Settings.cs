using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET: they belong to the database that is live, and lie in no archive.</summary>
internal static class Settings
{
    private const int FirstWithAdminOption = 160000;

    /// <summary>Lists of names: each part is quoted for itself. The same that pg_dump knows.</summary>
    private static readonly HashSet<string> Lists = new(StringComparer.OrdinalIgnoreCase)
    {
        "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    };

    public static Task<List<Setting>> ReadAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) => connection.ListAsync(
        """
        SELECT CASE setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(setrole)::text END, split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
        FROM pg_db_role_setting, unnest(setconfig) AS setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)
        ORDER BY 1 NULLS FIRST, 2
        """,
        reader => new Setting(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetString(1), reader.GetString(2)),
        cancellationToken,
        database);

    /// <summary>Those that this login can't give to the restored database.</summary>
    public static async Task<IReadOnlyList<(Setting Setting, Gap Gap)>> FindGapsAsync(NpgsqlConnection connection, PostgresLocation at, CancellationToken cancellationToken)
    {
        var settings = await ReadAsync(connection, at.Database, cancellationToken);
        if (settings.Count == 0 || await connection.AskAsync<bool>("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", cancellationToken))
        {
            return [];
        }

        var version = await connection.AskAsync<int>("SELECT current_setting('server_version_num')::int", cancellationToken);
        var parameters = await RestoreFacts.ReadForbiddenAsync(connection, version, [.. settings.Select(setting => setting.Name).Distinct()], cancellationToken);
        var roles = await ReadForbiddenRolesAsync(connection, version, [.. settings.Select(setting => setting.Role).OfType<string>().Distinct()], cancellationToken);
        return [.. settings
            .Where(setting => parameters.Contains(setting.Name) || (setting.Role is { } role && roles.ContainsKey(role)))
            .Select(setting => (setting, GapOf(setting, at, version, parameters.Contains(setting.Name), setting.Role is { } role && roles.TryGetValue(role, out var isSuper) ? isSuper : null)))];
    }

    /// <param name="isSuperuser">Whether the role that can't be altered is a superuser; null where it can be altered.</param>
    private static Gap GapOf(Setting setting, PostgresLocation at, int version, bool isParameter, bool? isSuperuser)
    {
        List<string> cures = [];
        if (isParameter)
        {
            cures.Add(FindGaps.SettingCure(version, setting.Name, at.User));
        }

        if (isSuperuser is { } super)
        {
            cures.Add(super || version < FirstWithAdminOption
                ? "Give another login for this restore."
                : $"ALTER ROLE {TableName.Quote(at.User)} CREATEROLE; GRANT {TableName.Quote(setting.Role!)} TO {TableName.Quote(at.User)} WITH ADMIN OPTION; or give another login for this restore.");
        }

        return new Gap(
            $"{at.User} may not set {setting.Name} of {(setting.Role is { } role ? $"the role {role} in this database" : "this database")}: {(isParameter ? "the parameter needs a privilege" : "it may not alter that role")}.",
            string.Join(" ", cures.Distinct()),
            $"Left out, an administrator can set it afterwards: {setting.ToSql(at.Database)}.",
            CanBeLeftOut: true,
            [],
            IsTablespace: false)
        { IsOfLiveOnly = true };
    }

    private static async Task<Dictionary<string, bool>> ReadForbiddenRolesAsync(NpgsqlConnection connection, int version, IReadOnlyList<string> roles, CancellationToken cancellationToken) =>
        roles.Count == 0 ? [] : (await connection.ListAsync(
            $"""
            SELECT r.rolname::text, r.rolsuper FROM pg_roles r, pg_roles own
            WHERE own.rolname = current_user AND r.rolname = ANY ($1) AND r.oid <> own.oid
              AND NOT (own.rolcreaterole AND NOT r.rolsuper{(version >= FirstWithAdminOption ? " AND pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')" : "")})
            """,
            reader => (Name: reader.GetString(0), IsSuperuser: reader.GetBoolean(1)),
            cancellationToken,
            (object)roles.ToArray())).ToDictionary(role => role.Name, role => role.IsSuperuser, StringComparer.Ordinal);

    internal static string Value(string name, string value) =>
        Lists.Contains(name) ? string.Join(", ", Split(value).Select(Literal)) : Literal(value);

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>"app", "odd ""path"", public" part by part, without their quotes.</summary>
    private static List<string> Split(string value)
    {
        List<string> parts = [];
        var part = new System.Text.StringBuilder();
        var isQuoted = false;
        var wasQuoted = false;
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] == '"' && isQuoted && at + 1 < value.Length && value[at + 1] == '"')
            {
                part.Append(value[at++]);
            }
            else if (value[at] == '"')
            {
                isQuoted = !isQuoted;
                wasQuoted = true;
            }
            else if (value[at] == ',' && !isQuoted)
            {
                Add();
            }
            else if (isQuoted || !char.IsWhiteSpace(value[at]))
            {
                part.Append(value[at]);
            }
        }

        Add();
        return parts;

        void Add()
        {
            if (part.Length > 0 || wasQuoted)
            {
                parts.Add(part.ToString());
            }

            part.Clear();
            wasQuoted = false;
        }
    }
}

/// <param name="Role">Null for the database's own.</param>
internal sealed record Setting(string? Role, string Name, string Value)
{
    /// <summary>Written out, not taken from the session: a setting such as role or statement_timeout would change the session that restores.</summary>
    public string ToSql(string database) =>
        $"ALTER {(Role is null ? $"DATABASE {TableName.Quote(database)}" : $"ROLE {TableName.Quote(Role)} IN DATABASE {TableName.Quote(database)}")} SET {TableName.Quote(Name)} TO {(Settings.Value(Name, Value) is { Length: > 0 } value ? value : "''")}";
}
