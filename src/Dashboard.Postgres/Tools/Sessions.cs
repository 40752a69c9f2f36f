using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Tools;

/// <summary>Sessions that a tool of ours has opened.</summary>
internal static class Sessions
{
    /// <summary>Ends what is left of a tool that was stopped: a session that waits for a lock does not notice that its program is gone.</summary>
    public static async Task EndAsync(PostgresLocation at, string application, Watching watching)
    {
        try
        {
            await watching.AskServerAsync(at, connection => connection.AskAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1", CancellationToken.None, application), CancellationToken.None);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            // A server that can't be asked has no session of ours for long.
        }
    }
}
