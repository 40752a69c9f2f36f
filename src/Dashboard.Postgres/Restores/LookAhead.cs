using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>What a restore will need and meet: rights, roles and extensions that are missing, what does not come along.</summary>
internal static class LookAhead
{
    public static async Task<RestoreOutlook> RunAsync(PostgresLocation at, long contentBytes, IReadOnlyDictionary<string, string> identity, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken, TimeSpan.FromSeconds(10));
        var server = await ReadServerAsync(at, identity, maintenance, cancellationToken);
        var problem = (await FindDamage.RunAsync(at, watching, cancellationToken))?.Message;
        var contents = await CompareContents.RunAsync(maintenance, at, identity, cancellationToken);
        var gaps = server.MayCreate || problem is not null || server.Bytes is null ? contents.Gaps : await FindInPlaceGapsAsync(at, contents.Gaps, watching, cancellationToken);
        var noUndo = server.MayCreate ? null : $"{at.User} may not create databases (CREATEDB), so nothing can be built beside: the objects of the archive are replaced in the live database itself, in one transaction.";

        // What is replaced in the live database itself is given to nobody else, so owners matter only beside.
        IReadOnlyList<string> owners = !server.MayCreate ? [] : [.. MissingRoles(server, contents), .. contents.Owners];
        return new RestoreOutlook(
            IsLiveReadable: server.Bytes is not null && problem is null,
            LiveProblem: server.Bytes is null ? $"There is no database {at.Database} on {at.ServerWords}." : problem,
            LiveBytes: server.Bytes ?? 0,
            LiveDiskBytesNeeded: Math.Max(contentBytes, server.Bytes ?? 0),
            LiveFolder: null,
            ReadersWaitToo: true,
            Blocker: FindBlocker(at, server, tools))
        {
            EndsSessions = true,
            CanUndo = noUndo is null,
            NoUndoBecause = noUndo,
            LoginProblem = noUndo ?? NotOwned(at, server),
            OwnersProblem = owners.Count == 0 ? null : string.Join(" ", owners),
            IsOwnersProblemOfLogin = server.MissingRoles.Length == 0 && owners.Count > 0,
            CopyBlocker = server.MayCreate ? null : $"{at.User} may not create databases (CREATEDB), so there can be no new one.",
            Warnings = [.. FindWarnings(server), .. contents.Warnings],
            Gaps = [.. gaps.Select(gap => gap.ToPlan())],
        };
    }

    private static async Task<ServerLook> ReadServerAsync(PostgresLocation at, IReadOnlyDictionary<string, string> identity, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var look = await connection.ListAsync(
            """
            SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), r.rolcreatedb OR r.rolsuper,
                   (SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1),
                   coalesce((SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = $1), true),
                   ARRAY (SELECT slot_name::text FROM pg_replication_slots WHERE database = $1),
                   ARRAY (SELECT role FROM unnest($2) AS role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)),
                   ARRAY (SELECT extension FROM unnest($3) AS extension WHERE NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = extension)),
                   (SELECT count(*) FROM pg_prepared_xacts WHERE database = $1),
                   coalesce((SELECT o.rolname::text FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname = $1), ''),
                   coalesce((SELECT o.rolsuper FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba WHERE d.datname = $1), false)
            FROM pg_roles r WHERE r.rolname = current_user
            """,
            reader => new ServerLook(
                reader.GetInt32(0),
                reader.GetBoolean(1),
                reader.GetBoolean(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.GetBoolean(4),
                reader.GetFieldValue<string[]>(5),
                reader.GetFieldValue<string[]>(6),
                reader.GetFieldValue<string[]>(7),
                reader.GetInt64(8),
                reader.GetString(9),
                reader.GetBoolean(10)),
            cancellationToken,
            at.Database,
            BackupIdentity.Read(identity, BackupIdentity.Roles).ToArray(),
            BackupIdentity.Read(identity, BackupIdentity.Extensions).ToArray());
        return look[0] with
        {
            Followed = await Subscriptions.ReadAsync(connection, at.Database, cancellationToken),
            Standing = await StubbornSessions.WarnAsync(connection, at, cancellationToken),
        };
    }

    private static string? FindBlocker(PostgresLocation at, ServerLook server, FindTools tools)
    {
        if (server.IsStandby)
        {
            return $"{at.ServerWords} is a standby and can't be written. Restore on its primary.";
        }

        try
        {
            tools.ForServer(server.VersionNumber);
        }
        catch (DatabaseException missing)
        {
            return $"{missing.Message} {missing.NextStep}";
        }

        return NotOwned(at, server) is { } notOwned ? notOwned
            : server.MissingExtensions.Length > 0 ? $"The server does not have {Extensions(server)}, which the backup needs. Install it there first."
            : server.Prepared > 0 ? $"{Words.Count(server.Prepared, "prepared transaction")} of {at.Database} must be ended first: it can't be renamed before."
            : FindFollowing(at, server);
    }

    /// <summary>The database that is replaced must stop following first, and in place it can't follow any longer.</summary>
    private static string? FindFollowing(PostgresLocation at, ServerLook server) =>
        (server.MayCreate ? PauseSubscriptions.FindBlocker(at, server.Followed) : Subscriptions.BlockInPlace(at, server.Followed)) is { } blocker ? $"{blocker.Problem} {blocker.NextStep}" : null;

    private static string? NotOwned(PostgresLocation at, ServerLook server) =>
        server.OwnsDatabase || !server.MayCreate ? null
        : $"{at.User} does not own {at.Database} and can't rename it. {Advice.Own(at.User, at.Database, server.Owner, server.IsOwnerSuperuser)}";

    /// <summary>Those that its manifest names and its contents don't: who owns the database, say.</summary>
    private static IEnumerable<string> MissingRoles(ServerLook server, CompareContents contents) =>
        server.MissingRoles.Where(role => !contents.Owners.Any(owner => owner.Contains(role, StringComparison.Ordinal))).ToList() is { Count: > 0 } missing
            ? [$"The server has no {(missing.Count == 1 ? "role" : "roles")} {Words.List(missing, 5)}, which the backup names. Create what is missing; the file ending .roles.sql beside a backup shows how."]
            : [];

    /// <summary>In place its objects are dropped and made again: only an owner may. Its settings, tablespace and extensions stay.</summary>
    private static async Task<IReadOnlyList<Gap>> FindInPlaceGapsAsync(PostgresLocation at, IReadOnlyList<Gap> gaps, Watching watching, CancellationToken cancellationToken)
    {
        var (look, there) = await watching.AskAsync(at, async connection => (
            await LoginLook.ReadAsync(connection, cancellationToken),
            await connection.ListAsync("SELECT extname::text FROM pg_extension", reader => reader.GetString(0), cancellationToken)), cancellationToken);
        var left = gaps.Where(gap => !gap.IsOfLiveOnly && !gap.IsOfNewOnly && !(gap.Extension is { } extension && there.Contains(extension)));
        return look.IsSuperuser ? [.. left] : [.. left, .. look.OwnersNotHeld.Select(owner => new Gap(
            $"{owner.Name} owns objects of the live database, which {at.User} may not replace.", Advice.Join(at.User, owner), null, CanBeLeftOut: false, [], IsTablespace: false))];
    }

    private static List<string> FindWarnings(ServerLook server)
    {
        List<string> warnings = [];
        if (server.Slots.Length > 0)
        {
            warnings.Add($"Replication slots stay with the previous database and keep its WAL until that is deleted: {Words.List(server.Slots, 3)}. Their subscribers stop; each must be set up again.");
        }

        if (server.Followed.Count > 0)
        {
            warnings.Add($"Subscriptions are disabled before the swap: {Words.List([.. server.Followed.Select(one => one.Name)], 3)}. What is published until then is in the previous database, what comes after waits in the slot; the result says how to follow again.");
        }

        warnings.AddRange(server.Standing);
        return warnings;
    }

    private static string Extensions(ServerLook server) => (server.MissingExtensions.Length == 1 ? "the extension " : "the extensions ") + Words.List(server.MissingExtensions, 5);

    private sealed record ServerLook(
        int VersionNumber, bool IsStandby, bool MayCreate, long? Bytes, bool OwnsDatabase, string[] Slots, string[] MissingRoles, string[] MissingExtensions, long Prepared,
        string Owner, bool IsOwnerSuperuser)
    {
        public List<Subscription> Followed { get; init; } = [];

        /// <summary>What is said of sessions that will stand in the way.</summary>
        public IReadOnlyList<string> Standing { get; init; } = [];
    }
}
