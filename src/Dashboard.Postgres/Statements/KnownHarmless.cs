namespace Dashboard.Postgres.Statements;

/// <summary>Who asks: what is let through differs.</summary>
internal enum StatementPolicy
{
    /// <summary>A question whose answer is shown: it may also read what the server tells of itself at this moment.</summary>
    Question,

    /// <summary>A condition that chooses rows to remove: it must give the same answer for the same rows.</summary>
    RowCondition,
}

/// <summary>
/// What a typed statement may call. PostgreSQL marks what acts as volatile, so of its own functions those that are not volatile are let through,
/// but for some that run SQL from a text or take a number of a transaction; of the volatile ones those that only report.
/// </summary>
internal static class KnownHarmless
{
    /// <summary>Numbers below belong to the server's own objects (FirstNormalObjectId of access/transam.h).</summary>
    public const long FirstOfUsers = 16384;

    /// <summary>Volatile, because their answer changes within a statement; all they do is to report it.</summary>
    private static readonly HashSet<string> Reporting =
    [
        "clock_timestamp", "timeofday", "random", "gen_random_uuid", "current_query", "pg_jit_available",
        "pg_database_size", "pg_tablespace_size", "pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size",
        "pg_is_in_recovery", "pg_is_wal_replay_paused", "pg_get_wal_replay_pause_state", "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp",
        "pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn", "pg_lock_status", "pg_prepared_xact", "pg_blocking_pids", "pg_safe_snapshot_blocking_pids",
        "pg_sequence_last_value", "pg_get_sequence_data", "pg_notification_queue_usage", "pg_partition_tree", "pg_partition_ancestors", "pg_last_committed_xact", "pg_xact_commit_timestamp",
        "pg_xact_status", "txid_status", "pg_get_multixact_members", "pg_collation_actual_version", "pg_database_collation_actual_version", "pg_show_replication_origin_status",
        "pg_replication_origin_progress", "pg_stat_get_recovery_prefetch", "pg_get_shmem_allocations", "pg_get_backend_memory_contexts", "pg_get_wal_resource_managers", "pg_control_recovery",
        "pg_stat_get_xact_blocks_fetched", "pg_stat_get_xact_blocks_hit", "pg_stat_get_xact_function_calls", "pg_stat_get_xact_function_self_time", "pg_stat_get_xact_function_total_time",
        "pg_stat_get_xact_numscans", "pg_stat_get_xact_tuples_deleted", "pg_stat_get_xact_tuples_fetched", "pg_stat_get_xact_tuples_hot_updated", "pg_stat_get_xact_tuples_inserted",
        "pg_stat_get_xact_tuples_newpage_updated", "pg_stat_get_xact_tuples_returned", "pg_stat_get_xact_tuples_updated",
    ];

    /// <summary>Not volatile, and yet they take a number of a transaction, or run what stands in a text or is named by one.</summary>
    private static readonly HashSet<string> Acting =
    [
        "pg_current_xact_id", "txid_current", "pg_input_is_valid", "pg_input_error_info", "ts_stat",
        "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema",
        "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema",
        "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
    ];

    /// <summary>
    /// Extensions whose functions in C, unless volatile, only compute. Others may run SQL from a text (tablefunc, xml2), reach another server (dblink) or do what nobody here has looked at.
    /// </summary>
    private static readonly HashSet<string> Computing =
    [
        "bloom", "btree_gin", "btree_gist", "citext", "cube", "dict_int", "dict_xsyn", "fuzzystrmatch", "hstore", "intarray", "isn", "ltree", "pg_trgm",
        "pgcrypto", "postgis", "postgis_raster", "postgis_sfcgal", "postgis_topology", "seg", "unaccent", "uuid-ossp", "vector",
    ];

    /// <summary>Statistics that an extension reports.</summary>
    private static readonly HashSet<string> ReportingOfExtension = ["pg_stat_statements", "pg_stat_statements_info", "pg_buffercache_pages", "pg_stat_kcache", "pg_wait_sampling_get_profile"];

    /// <returns>Why it may not be called, as the end of a sentence; null when it may.</returns>
    public static string? WhyNot(CalledFunction function, StatementPolicy policy)
    {
        var reports = policy == StatementPolicy.Question && (function.IsBuiltIn ? Reporting : ReportingOfExtension).Contains(function.Name);
        if (function.Language is not ("internal" or "c") && !(function is { IsBuiltIn: true, Language: "sql" }))
        {
            return $"it is written in {function.Language}, and what it does can't be told";
        }

        if (function.IsVolatile && !reports)
        {
            return policy == StatementPolicy.Question ? "it may do more than read" : "its answer may change, or it may do more than read";
        }

        if (function.IsBuiltIn)
        {
            // What takes a cstring is meant for the server itself: the input of a type, which runs the checks of that type.
            return Acting.Contains(function.Name) || function.TakesText ? "it runs what stands in a text, or does more than read" : null;
        }

        return function.Language == "internal" || reports || (function.Extension is { } extension && Computing.Contains(extension))
            ? null
            : function.Extension is null ? "it is written in c, and what it does can't be told" : $"it belongs to the extension {function.Extension}, which is not among those that are known to only compute";
    }
}

/// <param name="Shown">With its schema and arguments.</param>
/// <param name="Same">For one written in "internal" that somebody made: the server's own functions that it stands for.</param>
/// <param name="Parts">For an aggregate that somebody made: its functions, and the type of its state.</param>
internal sealed record CalledFunction(string Name, string Shown, string Language, bool IsVolatile, bool IsBuiltIn, bool IsAggregate, bool TakesText, string? Extension, IReadOnlyList<long> Same, IReadOnlyList<long> Parts, long StateType);
