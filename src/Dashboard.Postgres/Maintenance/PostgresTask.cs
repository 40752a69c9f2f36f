using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>What all tasks of PostgreSQL share: a session of their own, whose progress one of the two that watch the server tells.</summary>
internal abstract class PostgresTask(Watching watching) : IMaintenanceTask
{
    /// <summary>Of the sessions that maintain; neither of the two that watch a server.</summary>
    private const string SessionName = PostgresConnections.ApplicationName + " maintenance";

    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>For a lock on a table: behind whoever waits longer, everybody else waits too.</summary>
    public static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public abstract MaintenanceDescription Description { get; }

    /// <summary>Whether it only reads, in a way that a standby allows.</summary>
    protected virtual bool WorksOnStandby => false;

    public Task<MaintenanceOutlook> LookAheadAsync(string location, CancellationToken cancellationToken) => PostgresEngine.InWordsAsync(
        location,
        at => watching.AskAsync(at, async connection => !WorksOnStandby && await IsStandbyAsync(connection, cancellationToken)
            ? MaintenanceOutlook.Refused("This server is a standby and can't be written.", "Run this on its primary; the result is replicated to the standby.")
            : await LookAheadAsync(connection, cancellationToken), cancellationToken),
        cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, RunProgress progress, CancellationToken cancellationToken) =>
        RunInSessionAsync(location, progress, session => RunAsync(session, progress, cancellationToken), cancellationToken);

    protected Task<MaintenanceResult> RunInSessionAsync(string location, RunProgress progress, Func<MaintenanceSession, Task<MaintenanceResult>> run, CancellationToken cancellationToken) => PostgresEngine.InWordsAsync(
        location,
        at =>
        {
            progress.Phase("Connecting");
            return InSessionAsync(at, watching, session => run(new MaintenanceSession(at, session, watching)), cancellationToken);
        },
        cancellationToken);

    /// <summary>Asks one of the two sessions that watch the server.</summary>
    protected Task<T> WatchAsync<T>(string location, Func<NpgsqlConnection, Task<T>> ask, CancellationToken cancellationToken) =>
        PostgresEngine.InWordsAsync(location, at => watching.AskAsync(at, ask, cancellationToken), cancellationToken);

    /// <summary>Work in a session of its own, which waits a short while for each lock.</summary>
    public static async Task<T> InSessionAsync<T>(PostgresLocation at, Watching watching, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var session = await OpenSessionAsync(at, watching, cancellationToken);
        return await work(session);
    }

    protected static async Task<NpgsqlConnection> OpenSessionAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken)
    {
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        var session = await PostgresConnections.OpenAsync(at, password, null, cancellationToken, name: SessionName);
        await session.ExecuteAsync($"SET lock_timeout = {SessionSettings.Milliseconds(LockPatience)}", cancellationToken);
        return session;
    }

    protected abstract Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    protected abstract Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>Runs one statement, asking twice a second how far it is. A look that fails says nothing of the work.</summary>
    /// <param name="question">Bytes that are done, of the session $1.</param>
    protected static Task ExecuteAsync(MaintenanceSession session, string sql, string question, Action<long> tell, CancellationToken cancellationToken) =>
        ExecuteAsync(session, () => session.Connection.ExecuteAsync(sql, cancellationToken), question, tell, cancellationToken);

    /// <summary>The same for what the caller runs in the session.</summary>
    /// <param name="waited">Hears for whom the session waits, where that is to be told.</param>
    public static async Task ExecuteAsync(MaintenanceSession session, Func<Task> execute, string question, Action<long> tell, CancellationToken cancellationToken, WaitedFor? waited = null)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var looks = LookAsync(session, question, tell, waited, ended.Token);
        try
        {
            await execute();
        }
        finally
        {
            await ended.CancelAsync();
            await looks;
        }
    }

    private static async Task LookAsync(MaintenanceSession session, string question, Action<long> tell, WaitedFor? waited, CancellationToken ended)
    {
        try
        {
            using var timer = new PeriodicTimer(BetweenLooks);
            while (await timer.WaitForNextTickAsync(ended))
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ended);
                patience.CancelAfter(LookPatience);
                tell(await session.Watching.AskAsync(
                    session.At,
                    async connection =>
                    {
                        await (waited?.LookAsync(connection, session.Connection.ProcessID, patience.Token) ?? Task.CompletedTask);
                        return await connection.AskAsync<long>(question, patience.Token, session.Connection.ProcessID);
                    },
                    patience.Token));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException || PostgresErrors.IsOfDatabase(fault))
        {
            // The bar stands still; what is at work goes on.
        }
    }

    private static Task<bool> IsStandbyAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.AskAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken);

    protected static string Indexes(long count) => Words.Count(count, "index", "indexes");
}

/// <summary>A session that does the work, and where others are asked about it.</summary>
internal sealed record MaintenanceSession(PostgresLocation At, NpgsqlConnection Connection, Watching Watching);
