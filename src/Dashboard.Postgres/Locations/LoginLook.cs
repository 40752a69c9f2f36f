using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Restores;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Locations;

/// <summary>What a login is and may do in its database, as the server says.</summary>
/// <param name="Tls">"TLSv1.3"; null when the connection is not encrypted.</param>
/// <param name="Unreadable">Tables that it may not read: how many, and some names.</param>
/// <param name="RowSecured">Tables of which row security would hide rows from it.</param>
internal sealed record LoginLook(
    string Version,
    int VersionNumber,
    bool IsStandby,
    string? Tls,
    bool IsSuperuser,
    bool CanCreateDatabases,
    bool MayMonitor,
    bool MaySignal,
    bool OwnsDatabase,
    string Owner,
    long SizeBytes,
    long Tables,
    long NotOwned,
    IReadOnlyList<string> Unreadable,
    IReadOnlyList<string> RowSecured)
{
    private const string Question =
        """
        SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_is_in_recovery(),
               (SELECT CASE WHEN ssl THEN version END FROM pg_stat_ssl WHERE pid = pg_backend_pid()),
               r.rolsuper, r.rolcreatedb OR r.rolsuper, pg_has_role('pg_monitor', 'USAGE'), pg_has_role('pg_signal_backend', 'USAGE'),
               pg_has_role(d.datdba, 'USAGE'), o.rolname::text, pg_database_size(d.oid), r.rolname::text, o.rolsuper
        FROM pg_roles r, pg_database d JOIN pg_roles o ON o.oid = d.datdba
        WHERE r.rolname = current_user AND d.datname = current_database()
        """;

    /// <summary>Tables with the partitions that hold their rows, of no extension and of nobody's session.</summary>
    private const string OwnTables =
        $"""
        pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND {Catalogue.IsOfUsers}
          AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
        """;

    /// <summary>As whom it is signed in.</summary>
    public string User { get; init; } = "";

    public bool IsOwnerSuperuser { get; init; }

    /// <summary>Owners of which it is no member; members of extensions do not count, for they come with those.</summary>
    public IReadOnlyList<OwnerRole> OwnersNotHeld { get; init; } = [];

    /// <summary>Large objects that it may not read.</summary>
    public IReadOnlyList<LargeObjectsOf> LargeObjects { get; init; } = [];

    /// <summary>User mappings whose options it may not see: "app for the server far".</summary>
    public IReadOnlyList<string> HiddenMappings { get; init; } = [];

    /// <summary>Of the database, which only a superuser may read.</summary>
    public IReadOnlyList<string> Subscriptions { get; init; } = [];

    /// <summary>What only a superuser could restore: "extension postgres_fdw".</summary>
    public IReadOnlyList<string> OnlyOfSuperusers { get; init; } = [];

    /// <summary>What it may not give to a restored database.</summary>
    public IReadOnlyList<Gap> DatabaseGaps { get; init; } = [];

    /// <summary>False when the server took too long to say what else a restore would need.</summary>
    public bool IsRestoreKnown { get; init; } = true;

    public static async Task<LoginLook> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var counts = await connection.ListAsync($"SELECT count(*) FILTER (WHERE NOT c.relispartition), count(*) FILTER (WHERE NOT pg_has_role(c.relowner, 'USAGE')) FROM {OwnTables}", reader => (All: reader.GetInt64(0), NotOwned: reader.GetInt64(1)), cancellationToken);
        var unreadable = await NamesAsync(connection, $"SELECT format('%s.%s', n.nspname, c.relname) FROM {OwnTables} AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')) ORDER BY 1 LIMIT 200", cancellationToken);
        var secured = await NamesAsync(connection, $"SELECT format('%s.%s', n.nspname, c.relname) FROM {OwnTables} AND c.relkind = 'r' AND c.relrowsecurity AND row_security_active(c.oid) ORDER BY 1 LIMIT 200", cancellationToken);
        var looks = await connection.ListAsync(
            Question,
            reader => new LoginLook(
                reader.GetString(0).Split(' ')[0],
                reader.GetInt32(1),
                reader.GetBoolean(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetBoolean(4),
                reader.GetBoolean(5),
                reader.GetBoolean(6),
                reader.GetBoolean(7),
                reader.GetBoolean(8),
                reader.GetString(9),
                reader.GetInt64(10),
                counts[0].All,
                counts[0].NotOwned,
                unreadable,
                secured)
            { User = reader.GetString(11), IsOwnerSuperuser = reader.GetBoolean(12) },
            cancellationToken);
        var look = looks[0];
        return look.IsSuperuser ? look : look with
        {
            OwnersNotHeld = await OthersThings.ReadOwnersAsync(connection, look.VersionNumber, cancellationToken),
            LargeObjects = await OthersThings.ReadLargeObjectsAsync(connection, cancellationToken),
            HiddenMappings = await OthersThings.ReadHiddenMappingsAsync(connection, cancellationToken),
            Subscriptions = await Backups.Subscriptions.ListAsync(connection, cancellationToken),
        };
    }

    /// <summary>
    /// With what a restore would need, for the page on which a database is added; a backup or a plan has no use for it. A server that does not answer in time is
    /// asked again by the plan.
    /// </summary>
    public async Task<LoginLook> WithRestoreAsync(NpgsqlConnection connection, PostgresLocation at, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (IsSuperuser)
        {
            return this;
        }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(patience);
        try
        {
            return this with
            {
                OnlyOfSuperusers = await OthersThings.ReadOnlyOfSuperusersAsync(connection, VersionNumber, time.Token),
                DatabaseGaps =
                [
                    .. (await Settings.FindGapsAsync(connection, at, time.Token)).Select(setting => setting.Gap),
                    .. await Blueprint.FindTablespaceGapAsync(connection, at, time.Token) is { } gap ? [gap] : Array.Empty<Gap>(),
                ],
            };
        }
        catch (Exception late) when (!cancellationToken.IsCancellationRequested && late is OperationCanceledException or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled })
        {
            return this with { IsRestoreKnown = false };
        }
    }

    private static Task<List<string>> NamesAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ListAsync(sql, reader => reader.GetString(0), cancellationToken);
}
