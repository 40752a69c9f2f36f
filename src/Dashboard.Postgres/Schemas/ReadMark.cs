using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Schemas;

/// <summary>Says whether anything was written. What is written in another database of the server may say so too: that costs a reading, never a wrong number.</summary>
/// <remarks>
/// The position in the log tells of every change, also by a VACUUM, and of the commit of an unlogged table's. A commit stands in the log before others see it,
/// so the snapshot tells when they do. The statistics follow up to ten seconds later, and estimates come from them.
/// </remarks>
internal static class ReadMark
{
    private const string Question =
        """
        SELECT concat_ws(' ',
            oid,
            CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END,
            pg_current_snapshot(),
            pg_stat_get_db_tuples_inserted(oid) + pg_stat_get_db_tuples_updated(oid) + pg_stat_get_db_tuples_deleted(oid))
        FROM pg_database
        WHERE datname = $1
        """;

    /// <exception cref="DatabaseMissingException">When the server has no such database.</exception>
    public static async Task<string?> RunAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken) =>
        await watching.AskServerAsync(at, connection => connection.AskAsync<string>(Question, cancellationToken, at.Database), cancellationToken)
            ?? throw new DatabaseMissingException($"There is no database {at.Database} on {at.ServerWords}.", "It was dropped or renamed, or its name is mistyped.");
}
