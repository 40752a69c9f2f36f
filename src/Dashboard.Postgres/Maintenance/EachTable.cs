using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>One statement for each table, so that a cancel keeps what is done and one table that is locked, or fails, does not keep the others.</summary>
internal sealed class EachTable(MaintenanceSession session, RunProgress progress)
{
    private readonly List<string> _locked = [];
    private readonly List<string> _failed = [];
    private bool _isOfSearchPath;
    private int _done;

    /// <param name="sql">Of a table.</param>
    /// <param name="execute">Runs it, and tells the bytes of this table that are done.</param>
    public async Task RunAsync(string phase, IReadOnlyList<OwnTable> tables, Func<OwnTable, string> sql, Func<string, Action<long>, Task> execute)
    {
        progress.Phase(phase, tables.Sum(table => table.Bytes));
        var before = 0L;
        foreach (var table in tables)
        {
            try
            {
                await execute(sql(table), bytes => progress.Report(before + Math.Min(bytes, table.Bytes)));
                _done++;
            }
            catch (OperationCanceledException fault) when (_done > 0)
            {
                throw new PartlyDoneException($"{Words.Count(_done, "table")} {(_done == 1 ? "is" : "are")} done and {(_done == 1 ? "stays" : "stay")} so; the others are as they were.", fault.CancellationToken);
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                _locked.Add($"{table.Name}: locked by another session of {session.At.Database}");
            }
            catch (PostgresException fault) when (IsOfOneTable(fault))
            {
                if (await IsThereAsync(table))
                {
                    Fail(table, fault);
                }
            }

            before += table.Bytes;
            progress.Report(before);
        }
    }

    /// <summary>"Vacuumed 12 tables.", with those that another session had locked and those that failed.</summary>
    /// <param name="most">How many tables there are, where a partitioned one was analysed besides its partitions.</param>
    public MaintenanceResult Tell(string verb, int most = int.MaxValue)
    {
        var done = $"{verb} {Words.Count(Math.Min(_done, most), "table")}.";
        if (_locked.Count + _failed.Count == 0)
        {
            return new MaintenanceResult(done);
        }

        var (locked, failed) = (_locked.Count == 0 ? null : $"Skipped {Tables(_locked.Count)} that {(_locked.Count == 1 ? "was" : "were")} locked by another session.",
            _failed.Count == 0 ? null : $"{Tables(_failed.Count)} failed: {_failed[0]}.");
        return new MaintenanceResult(
            done,
            string.Join(' ', new[] { failed, locked }.OfType<string>()),
            _isOfSearchPath ? "Let the function find its names: ALTER FUNCTION … SET search_path, or write the names with their schema. Then run it again."
            : _failed.Count > 0 ? "Read what the server says of each, below, then run it again."
            : "Run it again when the other session has ended.")
        {
            Findings = [.. _failed, .. _locked],
        };
    }

    private static string Tables(int count) => Words.Count(count, "table");

    /// <summary>Not of the server, its disk or this session, which the next table would meet too.</summary>
    private static bool IsOfOneTable(PostgresException fault) =>
        fault.Severity is "ERROR" && fault.SqlState[..2] is not ("53" or "54" or "57" or "58" or "F0" or "XX");

    /// <summary>
    /// An index or a statistic may call a function, and that may name what only the application's search_path finds: the server says then that a table does not
    /// exist, and means another one.
    /// </summary>
    private Task<bool> IsThereAsync(OwnTable table) => session.Connection.AskAsync<bool>("SELECT to_regclass($1) IS NOT NULL", CancellationToken.None, table.Name.ToSql());

    private void Fail(OwnTable table, PostgresException fault)
    {
        _isOfSearchPath |= fault.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidSchemaName;
        _failed.Add($"{table.Name}: {fault.MessageText}{(fault.Where is { } where ? $" ({where.Split('\n')[0]})" : "")}");
    }
}
