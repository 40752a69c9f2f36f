using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Locations;

/// <summary>Large objects of one owner that a login may not read.</summary>
/// <param name="Ids">Some of them.</param>
/// <param name="OwnerReads">Whether the owner may read all of them: it can take that from itself.</param>
internal sealed record LargeObjectsOf(OwnerRole Owner, long Count, IReadOnlyList<long> Ids, bool OwnerReads);

/// <summary>What in a database is not a login's own: to dump, or to give back in a restore.</summary>
internal static class OthersThings
{
    private const int FirstWithDatabaseOwner = 150000;

    /// <summary>The first number that the server gives to what people make.</summary>
    private const int FirstOwn = 16384;

    public static Task<List<OwnerRole>> ReadOwnersAsync(NpgsqlConnection connection, int version, CancellationToken cancellationToken) => connection.ListAsync(
        $"""
        SELECT r.rolname::text, r.rolsuper FROM pg_roles r
        WHERE NOT pg_has_role(r.oid, 'USAGE') AND r.rolname <> 'pg_database_owner' AND r.oid IN (
            SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {Catalogue.IsOfUsers} AND {IsOfNoExtension("pg_class", "c")}
            UNION SELECT p.proowner FROM pg_proc p WHERE p.oid >= {FirstOwn} AND {IsOfNoExtension("pg_proc", "p")} AND {IsNotOfSuperusers}
            UNION SELECT t.typowner FROM pg_type t WHERE t.oid >= {FirstOwn} AND t.typtype IN ('d', 'e', 'r') AND {IsOfNoExtension("pg_type", "t")}
            UNION SELECT n.nspowner FROM pg_namespace n
                WHERE (n.oid >= {FirstOwn} OR {(version >= FirstWithDatabaseOwner ? "n.nspname = 'public'" : "false")}) AND n.nspname !~ '^pg_' AND {IsOfNoExtension("pg_namespace", "n")})
        ORDER BY 1 LIMIT 200
        """,
        reader => new OwnerRole(reader.GetString(0), reader.GetBoolean(1)),
        cancellationToken);

    /// <summary>By owner and rights first: there may be millions of them.</summary>
    public static async Task<IReadOnlyList<LargeObjectsOf>> ReadLargeObjectsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.AskAsync<bool>("SELECT current_setting('lo_compat_privileges')::bool", cancellationToken) ? [] : await connection.ListAsync(
            """
            SELECT r.rolname::text, r.rolsuper, sum(o.objects)::bigint,
                   (SELECT array_agg(oid::bigint) FROM (SELECT m.oid FROM pg_largeobject_metadata m WHERE m.lomowner = r.oid ORDER BY 1 LIMIT 5) few),
                   bool_and(EXISTS (SELECT FROM aclexplode(coalesce(o.lomacl, acldefault('L', o.lomowner))) a WHERE a.privilege_type = 'SELECT' AND a.grantee = o.lomowner))
            FROM (SELECT lomowner, lomacl, count(*) AS objects FROM pg_largeobject_metadata GROUP BY 1, 2) o JOIN pg_roles r ON r.oid = o.lomowner
            WHERE NOT EXISTS (
                SELECT FROM aclexplode(coalesce(o.lomacl, acldefault('L', o.lomowner))) a WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
            GROUP BY r.oid, r.rolname, r.rolsuper ORDER BY 1 LIMIT 200
            """,
            reader => new LargeObjectsOf(new OwnerRole(reader.GetString(0), reader.GetBoolean(1)), reader.GetInt64(2), reader.GetFieldValue<long[]>(3), reader.GetBoolean(4)),
            cancellationToken);

    /// <summary>The same condition under which the server shows the options of a mapping.</summary>
    public static Task<List<string>> ReadHiddenMappingsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ListAsync(
        """
        SELECT format('%s for the server %s', m.usename, m.srvname)
        FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid
        WHERE m.umoptions IS NULL
          AND NOT (m.umuser <> 0 AND m.usename = current_user AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')))
          AND NOT (m.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE'))
        ORDER BY 1 LIMIT 200
        """,
        reader => reader.GetString(0),
        cancellationToken);

    public static Task<List<string>> ReadOnlyOfSuperusersAsync(NpgsqlConnection connection, int version, CancellationToken cancellationToken) => connection.ListAsync(
        $"""
        SELECT format('extension %s', e.extname) FROM pg_extension e
            WHERE EXISTS (SELECT FROM pg_available_extensions a JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version WHERE a.name = e.extname AND v.superuser AND NOT v.trusted)
        UNION ALL SELECT format('event trigger %s', e.evtname) FROM pg_event_trigger e WHERE {IsOfNoExtension("pg_event_trigger", "e")}
        UNION ALL SELECT format('foreign-data wrapper %s', f.fdwname) FROM pg_foreign_data_wrapper f WHERE {IsOfNoExtension("pg_foreign_data_wrapper", "f")}
        UNION ALL SELECT format('function %s', p.oid::regprocedure) FROM pg_proc p WHERE p.oid >= {FirstOwn} AND {IsOfNoExtension("pg_proc", "p")} AND NOT {IsNotOfSuperusers}
        UNION ALL SELECT format('operator class %s', o.opcname) FROM pg_opclass o WHERE o.oid >= {FirstOwn} AND {IsOfNoExtension("pg_opclass", "o")}
        UNION ALL SELECT format('access method %s', a.amname) FROM pg_am a WHERE a.oid >= {FirstOwn} AND {IsOfNoExtension("pg_am", "a")}
        UNION ALL SELECT format('language %s', l.lanname) FROM pg_language l WHERE l.oid >= {FirstOwn} AND {IsOfNoExtension("pg_language", "l")}
        UNION ALL SELECT format('text search template %s', t.tmplname) FROM pg_ts_template t WHERE t.oid >= {FirstOwn} AND {IsOfNoExtension("pg_ts_template", "t")}
        UNION ALL SELECT format('text search parser %s', t.prsname) FROM pg_ts_parser t WHERE t.oid >= {FirstOwn} AND {IsOfNoExtension("pg_ts_parser", "t")}
        UNION ALL SELECT format('cast from %s to %s', format_type(t.castsource, NULL), format_type(t.casttarget, NULL)) FROM pg_cast t WHERE t.oid >= {FirstOwn} AND t.castmethod = 'b' AND {IsOfNoExtension("pg_cast", "t")}
        UNION ALL SELECT format('publication %s (all tables)', p.pubname) FROM pg_publication p WHERE p.puballtables
        {(version >= FirstWithDatabaseOwner ? "UNION ALL SELECT DISTINCT format('publication %s (tables in schema)', p.pubname) FROM pg_publication p JOIN pg_publication_namespace n ON n.pnpubid = p.oid" : "")}
        ORDER BY 1 LIMIT 200
        """,
        reader => reader.GetString(0),
        cancellationToken);

    /// <summary>Functions that an ordinary role may make.</summary>
    private const string IsNotOfSuperusers = "(p.prokind = 'a' OR (SELECT l.lanpltrusted FROM pg_language l WHERE l.oid = p.prolang) AND NOT p.proleakproof AND p.prosupport = 0)";

    /// <summary>Nor made by the server for another object, as the functions of a range type are.</summary>
    private static string IsOfNoExtension(string catalogue, string alias) =>
        $"NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{catalogue}'::regclass AND x.objid = {alias}.oid AND x.deptype IN ('e', 'i'))";
}
