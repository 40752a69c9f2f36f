using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>One statement for each table, so that a cancel keeps what is done and one table that is locked does not keep the others.</summary>
internal sealed class EachTable(MaintenanceSession session, RunProgress progress)
{
    private readonly List<string> _left = [];
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
                _left.Add($"{table.Name}: locked by another session of {session.At.Database}");
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // Dropped since it was listed.
            }

            before += table.Bytes;
            progress.Report(before);
        }
    }

    /// <summary>"Vacuumed 12 tables.", with those that another session had locked.</summary>
    /// <param name="most">How many tables there are, where a partitioned one was analysed besides its partitions.</param>
    public MaintenanceResult Tell(string verb, int most = int.MaxValue)
    {
        var done = $"{verb} {Words.Count(Math.Min(_done, most), "table")}.";
        return _left.Count == 0
            ? new MaintenanceResult(done)
            : new MaintenanceResult(done, $"Skipped {Words.Count(_left.Count, "table")} that {(_left.Count == 1 ? "was" : "were")} locked by another session.", "Run it again when the other session has ended.")
            {
                Findings = _left,
            };
    }
}
