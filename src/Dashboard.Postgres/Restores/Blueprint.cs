using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// What belongs to a database and lies in no archive of it: owner, encoding, collation, tablespace, rights, comment, settings. All statements are written
/// by the server itself, which knows best how its names are quoted.
/// </summary>
internal static class Blueprint
{
    /// <summary>An empty database that is to the new one what the live one is.</summary>
    /// <param name="owner">Null for the owner of the live one.</param>
    /// <param name="withoutTablespace">Whether it is made where the server makes databases.</param>
    public static async Task CreateAsync(NpgsqlConnection maintenance, string live, string name, CancellationToken cancellationToken, string? owner = null, bool withoutTablespace = false)
    {
        var locale = maintenance.PostgreSqlVersion.Major switch
        {
            >= 17 => "CASE WHEN datlocprovider = 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', datlocale) WHEN datlocprovider = 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', datlocale) ELSE '' END",
            >= 15 => "CASE WHEN datlocprovider = 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', daticulocale) ELSE '' END",
            _ => "''",
        };
        var create = await maintenance.AskAsync<string>(
            $"""
            SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s', $2, coalesce(nullif($3, ''), pg_get_userbyid(datdba)), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit) || {locale}
                || CASE WHEN dattablespace <> (SELECT dattablespace FROM pg_database WHERE datname = 'template0') AND NOT $4 THEN format(' TABLESPACE %I', spcname) ELSE '' END
            FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE datname = $1
            """,
            cancellationToken,
            live,
            name,
            owner ?? "",
            withoutTablespace);
        await maintenance.ExecuteAsync(create ?? $"CREATE DATABASE {TableName.Quote(name)} TEMPLATE template0{(owner is null ? "" : $" OWNER {TableName.Quote(owner)}")}", cancellationToken);
    }

    /// <summary>The tablespace of the live database, where the login may make nothing in it; null when it may.</summary>
    public static async Task<Gap?> FindTablespaceGapAsync(NpgsqlConnection maintenance, PostgresLocation at, CancellationToken cancellationToken) =>
        await maintenance.AskAsync<string>(
            """
            SELECT spcname::text FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
            WHERE datname = $1 AND dattablespace <> (SELECT dattablespace FROM pg_database WHERE datname = 'template0') AND NOT has_tablespace_privilege(t.oid, 'CREATE')
            """,
            cancellationToken,
            at.Database) is { } tablespace
            ? new Gap(
                $"Tablespace {tablespace}, in which the database is, may not be used by {at.User}.",
                $"GRANT CREATE ON TABLESPACE {TableName.Quote(tablespace)} TO {TableName.Quote(at.User)}, or give another login for this restore.",
                "Left out, the database is restored into the server's default tablespace.",
                CanBeLeftOut: true,
                [],
                IsTablespace: true)
            { IsOfNewOnly = true }
            : null;

    /// <summary>Rights, comment and settings, in the transaction of the caller.</summary>
    /// <param name="leftOut">Settings that are not given to it.</param>
    public static async Task CopyAsync(NpgsqlConnection maintenance, string live, string name, CancellationToken cancellationToken, IReadOnlyCollection<Setting>? leftOut = null)
    {
        var statements = await maintenance.ListAsync(
            """
            SELECT statement FROM (
                SELECT 1 AS part, format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $2) AS statement FROM pg_database WHERE datname = $1 AND datacl IS NOT NULL
                UNION ALL
                SELECT 2, format('GRANT %s ON DATABASE %I TO %s%s', string_agg(privilege_type, ', '), $2, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM pg_database, aclexplode(datacl) WHERE datname = $1 GROUP BY grantee, is_grantable
                UNION ALL
                SELECT 3, format('COMMENT ON DATABASE %I IS %L', $2, shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = $1 AND shobj_description(oid, 'pg_database') IS NOT NULL) all_of_it
            ORDER BY part
            """,
            reader => reader.GetString(0),
            cancellationToken,
            live,
            name);
        statements.AddRange((await Settings.ReadAsync(maintenance, live, cancellationToken)).Where(setting => leftOut?.Contains(setting) != true).Select(setting => setting.ToSql(name)));
        foreach (var statement in statements)
        {
            await maintenance.ExecuteAsync(statement, cancellationToken);
        }
    }
}
