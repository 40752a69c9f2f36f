using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Restores;

/// <summary>What a restore will need and meet: rights, roles and extensions that are missing, what does not come along.</summary>
internal static class LookAhead
{
    public static async Task<RestoreOutlook> RunAsync(PostgresLocation at, long contentBytes, IReadOnlyDictionary<string, string> identity, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        var server = await ReadServerAsync(at, identity, watching, cancellationToken);
        var problem = (await FindDamage.RunAsync(at, watching, cancellationToken))?.Message;
        var login = problem is null ? await watching.AskAsync(at, connection => LoginLook.ReadAsync(connection, cancellationToken), cancellationToken) : null;
        var noUndo = server.MayCreate ? null : $"{at.User} may not create databases (CREATEDB), so nothing can be built beside: the objects of the archive are replaced in the live database itself, in one transaction.";
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
            OwnersProblem = FindOwnersProblem(at, server, login),
            IsOwnersProblemOfLogin = server.MayCreate && server.MissingRoles.Length == 0 && login is { IsSuperuser: false, OwnersNotHeld.Count: > 0 },
            CopyBlocker = server.MayCreate ? null : $"{at.User} may not create databases (CREATEDB), so there can be no new one.",
            Warnings = FindWarnings(server),
        };
    }

    private static async Task<ServerLook> ReadServerAsync(PostgresLocation at, IReadOnlyDictionary<string, string> identity, Watching watching, CancellationToken cancellationToken)
    {
        await using var connection = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken, TimeSpan.FromSeconds(10));
        var look = await connection.ListAsync(
            """
            SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), r.rolcreatedb OR r.rolsuper,
                   (SELECT pg_database_size(oid) FROM pg_database WHERE datname = $1),
                   coalesce((SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = $1), true),
                   ARRAY (SELECT slot_name::text FROM pg_replication_slots WHERE database = $1),
                   ARRAY (SELECT role FROM unnest($2) AS role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)),
                   ARRAY (SELECT extension FROM unnest($3) AS extension WHERE NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = extension)),
                   (SELECT count(*) FROM pg_prepared_xacts WHERE database = $1)
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
                reader.GetInt64(8)),
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
        server.OwnsDatabase || !server.MayCreate ? null : $"{at.User} does not own {at.Database} and can't rename it. Make it a member of the role that owns it.";

    /// <summary>What is replaced in the live database itself is given to nobody else, so it matters only beside.</summary>
    private static string? FindOwnersProblem(PostgresLocation at, ServerLook server, LoginLook? login) =>
        !server.MayCreate ? null
        : server.MissingRoles.Length > 0 ? $"The server has no {Roles(server)}, to whom things in the backup belong. Create what is missing; the file ending .roles.sql beside a backup shows how."
        : login is { IsSuperuser: false, OwnersNotHeld.Count: > 0 } ? $"{at.User} is no member of {Words.List(login.OwnersNotHeld, 3)}, who own tables, and can't give them back to their owners. Make it a member."
        : null;

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

    private static string Roles(ServerLook server) => (server.MissingRoles.Length == 1 ? "role " : "roles ") + Words.List(server.MissingRoles, 5);

    private static string Extensions(ServerLook server) => (server.MissingExtensions.Length == 1 ? "the extension " : "the extensions ") + Words.List(server.MissingExtensions, 5);

    private sealed record ServerLook(
        int VersionNumber, bool IsStandby, bool MayCreate, long? Bytes, bool OwnsDatabase, string[] Slots, string[] MissingRoles, string[] MissingExtensions, long Prepared)
    {
        public List<Subscription> Followed { get; init; } = [];

        /// <summary>What is said of sessions that will stand in the way.</summary>
        public IReadOnlyList<string> Standing { get; init; } = [];
    }
}
