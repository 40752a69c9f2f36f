namespace Dashboard.Postgres.Connections;

/// <summary>
/// The parts of an address as they are read from a text, by the keys of the form. What only other programs need is passed over and remembered, so that a person
/// is told; what would have to be obeyed and can't be is a problem.
/// </summary>
internal sealed class ConnectionParts
{
    /// <summary>What applications, their drivers and poolers are told, and a dashboard is not, or sets itself.</summary>
    private static readonly HashSet<string> OfApplications = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_name", "fallback_application_name", "connect_timeout", "channel_binding", "client_encoding", "gssencmode", "target_session_attrs",
        "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "sslnegotiation", "sslcompression", "sslsni",
        "load_balance_hosts", "krbsrvname", "gsslib", "ssl_min_protocol_version", "ssl_max_protocol_version",

        // Poolers, Prisma, SQLAlchemy, Django, Rails, node-postgres, pgx.
        "pgbouncer", "schema", "search_path", "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "sslaccept", "pool", "pool_size",
        "pool_min_conns", "pool_max_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period", "max_overflow", "pool_recycle",
        "pool_pre_ping", "pool_mode", "poolmode", "conn_max_age", "conn_health_checks", "disable_server_side_cursors", "prepared_statements",
        "prepared_statement_cache_size", "statement_cache_mode", "default_query_exec_mode", "idle_timeout", "max_lifetime", "reaping_frequency",
        "checkout_timeout", "encoding", "timezone", "statement_timeout", "lock_timeout", "query_timeout", "idle_in_transaction_session_timeout", "uselibpqcompat",
        "supa", "workaround", "binary_parameters", "async_fallback", "serverversion", "charset",

        // JDBC.
        "currentschema", "applicationname", "preparethreshold", "preparedstatementcachequeries", "preparedstatementcachesizemib", "rewritebatchedinserts",
        "targetservertype", "loadbalancehosts", "logintimeout", "connecttimeout", "sockettimeout", "cancelsignaltimeout", "tcpkeepalive", "stringtype",
        "sslfactory", "defaultrowfetchsize", "autosave", "readonly", "loggerlevel", "binarytransfer", "assumeminserverversion", "reuseaddr", "escapesyntaxcallmode",

        // .NET.
        "pooling", "timeout", "commandtimeout", "maxpoolsize", "minpoolsize", "maximumpoolsize", "minimumpoolsize", "keepalive", "trustservercertificate",
        "includeerrordetail", "persistsecurityinfo", "connectionlifetime", "connectionidlelifetime", "connectionpruninginterval", "noresetonclose", "maxautoprepare",
        "autoprepareminusages", "gssencryptionmode", "searchpath", "clientencoding", "enlist", "multiplexing", "writebuffersize", "readbuffersize",
        "socketreceivebuffersize", "socketsendbuffersize", "cancellationtimeout", "internalcommandtimeout", "loadtablecomposites", "arraynullabilitymode",
        "includerealm", "sslnegotiationmode", "targetsessionattributes", "hostrecheckseconds", "checkcertificaterevocation", "logparameters", "channelbinding",
        "tcpkeepalivetime", "tcpkeepaliveinterval", "servercompatibilitymode", "requireauth", "integratedsecurity",
    };

    /// <summary>Of PostgreSQL's own, which change how one signs in. Their names are repeated; any other word may be the rest of a password.</summary>
    private static readonly HashSet<string> Unusable = new(StringComparer.OrdinalIgnoreCase)
    {
        "service", "servicefile", "passfile", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir", "sslcertmode", "requirepeer", "require_auth", "replication",
        "options", "gssdelegation", "sslcertificate", "kerberosservicename", "scram_client_key", "scram_server_key", "oauth_issuer", "oauth_client_id",
    };

    private readonly List<string> _ignored = [];

    public Dictionary<string, string> Values { get; } = [];

    /// <summary>The names that were passed over, as they were written.</summary>
    public IReadOnlyList<string> Ignored => _ignored;

    /// <summary>Null when the name is known; else what is wrong, in a sentence.</summary>
    public string? Take(string name, string value)
    {
        var plain = name.Replace(" ", "", StringComparison.Ordinal);
        if (KeyOf(plain) is { } key)
        {
            Values[key] = value;
            return null;
        }

        return plain.ToUpperInvariant() switch
        {
            // libpq connects there and calls it by "host".
            "HOSTADDR" => TakeUnlessGiven("host", value),
            "SSL" => TakeSsl(value),
            "OPTIONS" when value.TrimStart().StartsWith('-') => Ignore(name),
            _ when OfApplications.Contains(plain) => Ignore(name),
            _ when Unusable.Contains(plain) => $"“{name}” can't be used here. Leave it out.",
            _ => Unknown(name),
        };
    }

    public void Add(ConnectionParts others)
    {
        foreach (var (key, value) in others.Values)
        {
            Values[key] = value;
        }

        _ignored.AddRange(others._ignored);
    }

    /// <summary>All names of one thing.</summary>
    public static string? KeyOf(string name) => name.ToUpperInvariant() switch
    {
        "HOST" or "SERVER" or "DATASOURCE" or "PGHOST" => "host",
        "PORT" or "PGPORT" => "port",
        "DBNAME" or "DATABASE" or "INITIALCATALOG" or "DB" or "PGDATABASE" => "database",
        "USER" or "USERNAME" or "USERID" or "UID" or "PGUSER" => "user",
        "PASSWORD" or "PWD" or "PGPASSWORD" => "password",
        "SSLMODE" or "TLS" or "PGSSLMODE" => "tls",
        "SSLROOTCERT" or "ROOTCERTIFICATE" or "PGSSLROOTCERT" => "certificate",
        _ => null,
    };

    /// <summary>Whether it is a name of a parameter, used here or not.</summary>
    public static bool IsKnown(string name)
    {
        var plain = name.Replace(" ", "", StringComparison.Ordinal);
        return KeyOf(plain) is not null || OfApplications.Contains(plain) || Unusable.Contains(plain) || plain.ToUpperInvariant() is "HOSTADDR" or "SSL";
    }

    /// <summary>A word that nobody knows may be the rest of a password, so it is not repeated where there is one.</summary>
    private string Unknown(string name) => Values.ContainsKey("password")
        ? "A parameter is not known here. Leave it out; if it is a part of the password, put the password in quotes."
        : $"“{name}” is not known here. Leave it out.";

    private string? TakeUnlessGiven(string key, string value)
    {
        Values.TryAdd(key, value);
        return null;
    }

    private string? TakeSsl(string value)
    {
        if (value.ToUpperInvariant() is "TRUE" or "1" or "ON" or "YES" or "")
        {
            Values.TryAdd("tls", "require");
            return null;
        }

        return value.ToUpperInvariant() is "FALSE" or "0" or "OFF" or "NO" ? Ignore("ssl") : TakeUnlessGiven("tls", value);
    }

    private string? Ignore(string name)
    {
        if (!_ignored.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            _ignored.Add(name);
        }

        return null;
    }
}
