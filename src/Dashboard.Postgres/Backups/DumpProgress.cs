using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// How far a dump is. pg_dump says which table it has begun, and the server how many rows of it are out; what a row weighs comes from the planner's
/// statistics. Bytes of the output say nothing, for nobody knows how many there will be.
/// </summary>
internal sealed class DumpProgress(RunProgress progress)
{
    /// <summary>Even an empty table is something to do.</summary>
    private const long Least = 1024;
    private const string Dumping = "dumping contents of table \"";

    private readonly Lock _gate = new();
    private Dictionary<string, (uint Oid, double Rows, long Weight)> _tables = [];
    private long _finished;
    private long _total;
    private string? _current;

    /// <summary>Reads what there is to dump, and begins the phase. Tens of thousands of tables may take longer than a look may last; then it is dumped without telling how far.</summary>
    public async Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(connection, cancellationToken);
            progress.Phase("Dumping", _total);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            progress.Phase("Dumping");
        }
    }

    /// <summary>A line of pg_dump.</summary>
    public void Heard(string line)
    {
        var at = line.IndexOf(Dumping, StringComparison.Ordinal);
        if (at < 0)
        {
            return;
        }

        lock (_gate)
        {
            FinishCurrent();
            _current = line[(at + Dumping.Length)..].TrimEnd('"');
            progress.Report(_finished);
        }
    }

    /// <summary>Rows of the table that is being written.</summary>
    public void Reached(uint oid, long rows)
    {
        lock (_gate)
        {
            if (_current is not null && _tables.TryGetValue(_current, out var table) && table.Oid == oid)
            {
                var share = table.Rows <= 0 ? 0 : Math.Min(1, rows / table.Rows);
                progress.Report(Math.Min(_total, _finished + (long)(table.Weight * share)));
            }
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (_total > 0)
            {
                progress.Report(_total, _total);
            }
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await connection.ListAsync(
            $"""
            SELECT c.oid, n.nspname::text || '.' || c.relname::text, greatest(c.reltuples, 0)::float8,
                   coalesce((greatest(c.reltuples, 0) * s.width)::bigint,
                            c.relpages::bigint * 8192 + coalesce((SELECT t.relpages::bigint * 8192 FROM pg_class t WHERE t.oid = c.reltoastrelid), 0))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN (SELECT schemaname, tablename, sum(avg_width + 1) AS width FROM pg_stats GROUP BY 1, 2) s ON s.schemaname = n.nspname AND s.tablename = c.relname
            WHERE c.relkind = 'r' AND {Catalogue.IsOfUsers}
            """,
            reader => (Oid: reader.GetFieldValue<uint>(0), Name: reader.GetString(1), Rows: reader.GetDouble(2), Bytes: reader.GetInt64(3)),
            cancellationToken);
        lock (_gate)
        {
            _tables = tables.GroupBy(table => table.Name).ToDictionary(table => table.Key, table => (table.First().Oid, table.First().Rows, Math.Max(Least, table.First().Bytes)), StringComparer.Ordinal);
            _total = Math.Max(Least, _tables.Values.Sum(table => table.Weight));
        }
    }

    private void FinishCurrent()
    {
        if (_current is not null && _tables.Remove(_current, out var table))
        {
            _finished = Math.Min(_total, _finished + table.Weight);
        }
    }
}
