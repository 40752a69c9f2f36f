using Npgsql;

namespace Dashboard.Comparison.Postgres;

/// <summary>
/// Reads a whole PostgreSQL database as its superuser: the rows of every table, what the catalogue says of every object with its owner and rights,
/// the state of sequences, large objects, and the settings of the database. What belongs to an extension is the extension's.
/// </summary>
public static class PostgresContent
{
    /// <summary>
    /// What a restore brings back. Not what pg_dump leaves out by design: the rows of materialized views, which are computed again, and indexes that are not valid.
    /// </summary>
    public static bool IsRestored(string fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return !fact.StartsWith("computed rows ", StringComparison.Ordinal) && !fact.StartsWith("known index ", StringComparison.Ordinal);
    }

    /// <summary>The same without the database itself, which a dump alone does not hold.</summary>
    public static bool IsOfContent(string fact) => IsRestored(fact) && !fact.StartsWith("database ", StringComparison.Ordinal);

    /// <summary>An index that was not valid may become valid.</summary>
    public static bool IsKeptByMaintenance(string fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return !fact.StartsWith("index ", StringComparison.Ordinal);
    }

    private const string Indexes =
        """
        SELECT indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(indexrelid), indisclustered, indisreplident, (SELECT spcname FROM pg_tablespace t WHERE t.oid = c.reltablespace))
        FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
        """;

    private static readonly (string Kind, string Sql)[] Questions =
    [
        ("database", "SELECT 'owner', pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"),
        ("database", "SELECT 'encoding', concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider, datconnlimit, (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace)) FROM pg_database WHERE datname = current_database()"),
        ("database", "SELECT 'rights', (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce(datacl, acldefault('d', datdba))) a) FROM pg_database WHERE datname = current_database()"),
        ("database", "SELECT 'comment', shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"),
        ("database", "SELECT 'settings of ' || coalesce(r.rolname, 'all'), (SELECT string_agg(c, ' ' ORDER BY c) FROM unnest(setconfig) c) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE d.datname = current_database()"),
        ("schema", $"SELECT nspname, concat_ws(' ', pg_get_userbyid(nspowner), {Rights("nspacl", "'n'", "nspowner")}) FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND {Own("pg_namespace", "n.oid")}"),
        ("relation",
            $"""
            SELECT c.oid::regclass::text,
                   concat_ws(' ', relkind, relpersistence, pg_get_userbyid(relowner), {Rights("relacl", "CASE WHEN relkind = 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END", "relowner")}, array_to_string(reloptions, ','),
                       (SELECT spcname FROM pg_tablespace t WHERE t.oid = reltablespace), (SELECT amname FROM pg_am a WHERE a.oid = relam), relrowsecurity, relforcerowsecurity, relreplident, relispopulated,
                       pg_get_expr(relpartbound, c.oid), pg_get_partkeydef(c.oid), (SELECT string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
                       CASE WHEN reloftype <> 0 THEN format_type(reloftype, NULL) END, CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
            FROM pg_class c
            WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND {Own("pg_class", "c.oid")}
            """),
        ("column",
            $"""
            SELECT attrelid::regclass::text || ' ' || row_number() OVER (PARTITION BY attrelid ORDER BY attnum),
                   concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid), (SELECT collname FROM pg_collation l WHERE l.oid = attcollation),
                       attstorage, attcompression, attstattarget, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(attacl) a), array_to_string(attoptions, ','), array_to_string(attfdwoptions, ','), attislocal, attinhcount)
            FROM pg_attribute t JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
            WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND {Own("pg_class", "c.oid")}
            """),
        ("constraint", "SELECT concat_ws(' ', CASE WHEN conrelid <> 0 THEN conrelid::regclass::text ELSE format_type(contypid, NULL) END, conname), concat_ws(' ', pg_get_constraintdef(oid), convalidated, conislocal) FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'"),
        ("index", $"{Indexes} AND indisvalid"),
        ("known index", Indexes),
        ("sequence", "SELECT seqrelid::regclass::text, concat_ws(' ', format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle, (SELECT refobjid::regclass::text || '.' || refobjsubid FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = seqrelid AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass LIMIT 1)) FROM pg_sequence"),
        ("function", $"SELECT p.oid::regprocedure::text, concat_ws(' ', prokind, pg_get_userbyid(proowner), {Rights("proacl", "'f'", "proowner")}, CASE WHEN prokind <> 'a' THEN pg_get_functiondef(p.oid) END) FROM pg_proc p WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)' AND {Own("pg_proc", "p.oid")}"),
        ("aggregate", "SELECT aggfnoid::regprocedure::text, concat_ws(' ', aggtransfn, aggfinalfn, format_type(aggtranstype, NULL), agginitval) FROM pg_aggregate JOIN pg_proc p ON p.oid = aggfnoid WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'"),
        ("type",
            $"""
            SELECT format_type(t.oid, NULL), concat_ws(' ', typtype, pg_get_userbyid(typowner), {Rights("typacl", "'T'", "typowner")}, typnotnull, typdefault, CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) END,
                   (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), (SELECT format_type(rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid))
            FROM pg_type t WHERE typtype IN ('c', 'd', 'e', 'r') AND typnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND {Own("pg_type", "t.oid")}
            """),
        ("trigger", "SELECT concat_ws(' ', tgrelid::regclass::text, tgname), concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal"),
        ("rule", "SELECT concat_ws(' ', ev_class::regclass::text, rulename), concat_ws(' ', pg_get_ruledef(oid), ev_enabled) FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_class::regclass::text !~ '^(pg_|information_schema)'"),
        ("policy", "SELECT concat_ws(' ', polrelid::regclass::text, polname), concat_ws(' ', polcmd, polpermissive, (SELECT string_agg(pg_get_userbyid(r), ',' ORDER BY r) FROM unnest(polroles) r), pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy"),
        ("event trigger", "SELECT evtname, concat_ws(' ', evtevent, evtfoid::regproc, evtenabled, pg_get_userbyid(evtowner), array_to_string(evttags, ',')) FROM pg_event_trigger"),
        ("extension", "SELECT extname, concat_ws(' ', extversion, extnamespace::regnamespace) FROM pg_extension"),
        ("foreign server", "SELECT srvname, concat_ws(' ', pg_get_userbyid(srvowner), (SELECT fdwname FROM pg_foreign_data_wrapper f WHERE f.oid = srvfdw), (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(srvoptions) o), srvacl::text) FROM pg_foreign_server"),
        ("user mapping", "SELECT srvname || ' ' || usename, (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(umoptions) o) FROM pg_user_mappings"),
        ("foreign table", "SELECT ftrelid::regclass::text, (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(ftoptions) o) FROM pg_foreign_table"),
        ("publication", "SELECT pubname, concat_ws(' ', pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, (SELECT string_agg(prrelid::regclass::text, ',' ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid)) FROM pg_publication p"),
        ("subscription", "SELECT subname, concat_ws(' ', subconninfo, subslotname, array_to_string(subpublications, ',')) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"),
        ("default rights", "SELECT concat_ws(' ', pg_get_userbyid(defaclrole), defaclnamespace::regnamespace, defaclobjtype), (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(defaclacl) a) FROM pg_default_acl"),
        ("comment", "SELECT (i.type || ' ' || i.identity), description FROM pg_description d, LATERAL pg_identify_object(classoid, objoid, objsubid) i WHERE i.identity !~ '^(pg_catalog|information_schema)' AND i.type NOT IN ('extension', 'operator', 'language') AND (i.schema IS NULL OR i.schema !~ '^(pg_|information_schema)') AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e') AND d.objoid > 16383"),
        ("collation", "SELECT collname, concat_ws(' ', collprovider, collisdeterministic, collcollate, collctype, pg_get_userbyid(collowner)) FROM pg_collation WHERE collnamespace::regnamespace::text !~ '^(pg_|information_schema)'"),
        ("statistics", "SELECT stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext"),
        ("search configuration", "SELECT cfgname, (SELECT string_agg(maptokentype || ':' || mapdict::regdictionary, ',' ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid) FROM pg_ts_config c WHERE cfgnamespace::regnamespace::text !~ '^(pg_|information_schema)'"),
        ("operator", $"SELECT o.oid::regoperator::text, concat_ws(' ', oprcode, oprcom::regoperator) FROM pg_operator o WHERE oprnamespace::regnamespace::text !~ '^(pg_|information_schema)' AND {Own("pg_operator", "o.oid")}"),
        ("cast", $"SELECT format_type(castsource, NULL) || ' ' || format_type(casttarget, NULL), concat_ws(' ', castfunc::regprocedure, castcontext, castmethod) FROM pg_cast c WHERE c.oid > 16383 AND {Own("pg_cast", "c.oid")}"),
        ("language", $"SELECT lanname, concat_ws(' ', pg_get_userbyid(lanowner), lanpltrusted) FROM pg_language l WHERE l.oid > 16383 AND {Own("pg_language", "l.oid")}"),
        ("large object", "SELECT oid::text, concat_ws(' ', pg_get_userbyid(lomowner), (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(lomacl) a), md5(lo_get(oid))) FROM pg_largeobject_metadata"),
    ];

    public static async Task<Content> ReadAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            CommandTimeout = 120,
            ApplicationName = "comparison",
        }.ToString());
        await connection.OpenAsync();
        await ExecuteAsync(connection, "SET search_path = pg_catalog, public; SET row_security = off; SET client_min_messages = error");
        Dictionary<string, string> facts = [];
        foreach (var (kind, sql) in Questions)
        {
            foreach (var (name, value) in await ListAsync(connection, sql))
            {
                facts[$"{kind} {name}"] = value;
            }
        }

        foreach (var (table, relation) in await ListAsync(connection, "SELECT oid::regclass::text, relkind::text FROM pg_class WHERE relkind IN ('r', 'm') AND relispopulated AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"))
        {
            var hash = await ListAsync(connection, $"SELECT count(*)::text, coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text FROM ONLY {table} t");
            facts[relation == "m" ? $"computed rows {table}" : $"rows {table}"] = $"{hash[0].Name} rows, {hash[0].Value}";
        }

        foreach (var (sequence, _) in await ListAsync(connection, "SELECT oid::regclass::text, '' FROM pg_class WHERE relkind = 'S' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"))
        {
            var state = await ListAsync(connection, $"SELECT last_value::text, is_called::text FROM {sequence}");
            facts[$"state of {sequence}"] = $"{state[0].Name} {state[0].Value}";
        }

        return new Content(facts);
    }

    /// <summary>Not a member of an extension.</summary>
    private static string Own(string catalogue, string oid) =>
        $"NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalogue}'::regclass AND e.objid = {oid} AND e.deptype = 'e' AND e.refclassid = 'pg_extension'::regclass)";

    private static string Rights(string acl, string type, string owner) => $"(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce({acl}, acldefault({type}, {owner}))) a)";

    private static async Task<List<(string Name, string Value)>> ListAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        List<(string, string)> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.IsDBNull(1) ? "" : reader.GetString(1)));
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
