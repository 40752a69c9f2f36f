using Dashboard.Core.Jobs;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>One statement for each table, so that a cancel keeps what is done and one table that is locked does not keep the others.</summary>
internal sealed class EachTable(MaintenanceSession session, RunProgress progress)
{
    /// <summary>Locked by somebody else, with what the server said.</summary>
    public List<string> Left { get; } = [];

    public int Done { get; private set; }

    /// <param name="sql">Of a table's quoted name.</param>
    /// <param name="execute">Runs it, and tells the bytes of this table that are done.</param>
    public async Task RunAsync(string phase, IReadOnlyList<OwnTable> tables, Func<TableName, string> sql, Func<string, Action<long>, Task> execute)
    {
        progress.Phase(phase, tables.Sum(table => table.Bytes));
        var before = 0L;
        foreach (var table in tables)
        {
            try
            {
                await execute(sql(table.Name), bytes => progress.Report(before + Math.Min(bytes, table.Bytes)));
                Done++;
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                Left.Add($"{table.Name}: locked by another session of {session.At.Database}");
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // Dropped since it was listed.
            }

            before += table.Bytes;
            progress.Report(before);
        }
    }
}
