using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// For whom a session of ours waits. Building an index beside everybody waits for each transaction that was open before; when that takes too long, the server says
/// "lock timeout" and nothing of whose.
/// </summary>
internal sealed class WaitedFor(RunProgress progress)
{
    /// <summary>Transactions of others show their time only to pg_read_all_stats.</summary>
    private const string Question =
        """
        SELECT coalesce(nullif(a.application_name, ''), a.backend_type, 'a prepared transaction'),
               a.usename::text,
               b.pid,
               extract(epoch FROM clock_timestamp() - a.xact_start)::float8
        FROM unnest(pg_blocking_pids($1)) b (pid)
        LEFT JOIN pg_stat_activity a ON a.pid = b.pid
        ORDER BY a.xact_start
        LIMIT 1
        """;

    private readonly HashSet<int> _told = [];
    private string? _last;

    public async Task LookAsync(NpgsqlConnection connection, int pid, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            Question,
            row => (Pid: row.GetInt32(2), Words: Describe(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetDouble(3))),
            cancellationToken,
            pid);
        if (found is [var one])
        {
            _last = one.Words;
            if (_told.Add(one.Pid))
            {
                progress.Log($"Waiting for {one.Words}.");
            }
        }
    }

    /// <summary>"It waited for psql (alice, pid 4711), whose transaction has been open for 12 min, and would go on waiting until that ends."</summary>
    public string? Sentence(TimeSpan patience) =>
        _last is null ? null : $"It waited {patience.TotalSeconds:0} s for {_last}, and would go on waiting until that transaction ends.";

    private static string Describe(string application, string? user, int pid, double? seconds) =>
        string.Concat(
            application,
            pid == 0 ? "" : $" ({(user is null ? "" : user + ", ")}pid {pid})",
            seconds is { } open ? $", whose transaction has been open for {Words.Duration(TimeSpan.FromSeconds(Math.Max(1, open)))}" : "");
}
