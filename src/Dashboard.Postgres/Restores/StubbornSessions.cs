using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>A session that this login may not end: as long as it is there, the database keeps its name.</summary>
internal sealed record StubbornSession(int Process, string Name, string User, bool IsReplication, bool IsOfSuperuser)
{
    public override string ToString() => $"{(IsReplication ? "replication " : "")}{Name} ({User}, pid {Process})";
}

/// <summary>Who may be ended is the server's rule: a superuser's session by superusers only, anybody else's by members of that role and of pg_signal_backend.</summary>
internal static class StubbornSessions
{
    /// <summary>Of the databases $1. Processes without a role are autovacuum's, which a change of names ends by itself.</summary>
    public const string MayEnd =
        """
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            OR (NOT r.rolsuper AND (pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))
        """;

    private const string Question =
        $"""
        SELECT a.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'a session'), r.rolname::text, coalesce(a.backend_type = 'walsender', false), r.rolsuper
        FROM pg_stat_activity a
        JOIN pg_roles r ON r.oid = a.usesysid
        WHERE a.datname = ANY ($1) AND a.pid <> pg_backend_pid() AND coalesce(a.backend_type NOT LIKE 'logical replication%', true) AND NOT ({MayEnd})
        ORDER BY a.pid
        """;

    /// <summary>The server starts such a worker again as soon as it was ended; until it is done, a change of names may fail.</summary>
    private const string WraparoundQuestion =
        """
        SELECT pid, query
        FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'autovacuum worker' AND query LIKE '%(to prevent wraparound)'
        ORDER BY pid
        """;

    public static Task<List<StubbornSession>> FindAsync(NpgsqlConnection connection, string[] databases, CancellationToken cancellationToken) => connection.ListAsync(
        Question,
        reader => new StubbornSession(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4)),
        cancellationToken,
        (object)databases);

    /// <summary>For the plan: what will stand in the way.</summary>
    public static async Task<IReadOnlyList<string>> WarnAsync(NpgsqlConnection connection, PostgresLocation at, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        if (await FindAsync(connection, [at.Database], cancellationToken) is { Count: > 0 } stubborn)
        {
            warnings.Add($"{at.User} may not end {Names(stubborn)}. The restore stops before the swap, and ends nobody's session, unless {(stubborn.Count == 1 ? "it has" : "they have")} ended by then.");
        }

        var vacuums = await connection.ListAsync(WraparoundQuestion, reader => $"pid {reader.GetInt32(0)}, {reader.GetString(1)}", cancellationToken, at.Database);
        if (vacuums.Count > 0)
        {
            warnings.Add($"A VACUUM to prevent wraparound is running ({string.Join("; ", vacuums.Take(3))}). The swap ends it, and the server starts it again.");
        }

        return warnings;
    }

    public static DatabaseBusyException Refuse(PostgresLocation at, IReadOnlyList<StubbornSession> stubborn) => new(
        $"{at.User} may not end {Names(stubborn)}, so {at.Database} can't be renamed. Nothing was changed.",
        $"End {(stubborn.Count == 1 ? "this session" : "these sessions")}, or restore with a login that may: {(stubborn.Any(session => session.IsOfSuperuser) ? "a superuser's session is ended by a superuser only" : "GRANT pg_signal_backend")}. Then restore again.");

    private static string Names(IReadOnlyList<StubbornSession> sessions) => Words.List([.. sessions.Select(session => session.ToString())], 3);
}
