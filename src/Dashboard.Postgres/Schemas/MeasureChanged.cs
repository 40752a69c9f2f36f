using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// Asks for the real sizes where the catalogue's are known to be old. Each costs a look at a file, so only so many tables are asked;
/// the same content and budget ask for the same ones.
/// </summary>
internal static class MeasureChanged
{
    /// <summary>A few milliseconds, whatever the budget.</summary>
    private const int MostTables = 200;

    /// <summary>And so many more for each millisecond of it, about a tenth: a database that was never analysed has sizes too.</summary>
    private const int TablesOfAMillisecond = 3;

    /// <summary>A size waits for whoever has the table for himself, and all other sizes with it: such a table is left out.</summary>
    private const string Question =
        $"""
        WITH {Locks.Locked},
        tables AS MATERIALIZED (
            SELECT oid, nullif(reltoastrelid, 0) AS long
            FROM pg_class
            WHERE oid = ANY ($1::bigint[]::oid[])),
        parts AS MATERIALIZED (
            SELECT oid AS owner, 0 AS kind, oid FROM tables
            UNION ALL SELECT oid, 1, long FROM tables WHERE long IS NOT NULL
            UNION ALL SELECT t.oid, 1, x.indexrelid FROM tables t JOIN pg_index x ON x.indrelid = t.long
            UNION ALL SELECT t.oid, 2, x.indexrelid FROM tables t JOIN pg_index x ON x.indrelid = t.oid)
        SELECT owner, kind, oid, CASE WHEN oid IN (SELECT relation FROM locked) THEN NULL ELSE pg_relation_size(oid) END
        FROM parts
        """;

    private enum Kind
    {
        Rows,
        Long,
        Index,
    }

    private sealed record Part(uint Owner, Kind Kind, uint Oid, long? Bytes);

    public static async Task<RealSizes> ReadAsync(NpgsqlConnection connection, IEnumerable<CatalogueTable> tables, TimeSpan budget, CancellationToken cancellationToken)
    {
        var asked = tables
            .Where(table => table.HasChanged || table.IsNeverAnalysed)
            .OrderByDescending(table => Math.Max(table.Modified, table.LiveTuples) + table.LongChanges)
            .ThenBy(table => table.Oid)
            .Take(MostTables + (int)Math.Min(100_000, budget.TotalMilliseconds * TablesOfAMillisecond))
            .Select(table => (long)table.Oid)
            .ToArray();
        if (asked.Length == 0)
        {
            return RealSizes.None;
        }

        try
        {
            Task<List<Part>> AskAsync() => connection.ListAsync(
                Question,
                row => new Part(row.GetFieldValue<uint>(0), (Kind)row.GetInt32(1), row.GetFieldValue<uint>(2), row.IsDBNull(3) ? null : row.GetInt64(3)),
                cancellationToken,
                asked);
            var parts = SharedSession.Is(connection) ? await SharedSession.PartAsync(connection, AskAsync, cancellationToken) : await AskAsync();
            return new RealSizes(
                parts.GroupBy(part => part.Owner).Where(table => table.All(part => part.Bytes is not null)).ToDictionary(
                    table => table.Key,
                    table => (Sum(table, Kind.Rows), Sum(table, Kind.Long), Sum(table, Kind.Index))),
                parts.Where(part => part is { Kind: Kind.Index, Bytes: not null }).ToDictionary(part => part.Oid, part => part.Bytes!.Value));
        }
        catch (PostgresException locked) when (locked.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody took a table for himself between the look at the locks and the sizes: those of the catalogue do for this time.
            return RealSizes.None;
        }
    }

    private static long Sum(IEnumerable<Part> table, Kind kind) => table.Where(part => part.Kind == kind).Sum(part => part.Bytes!.Value);
}

/// <summary>Bytes of what was measured. What is not in it is as the catalogue says.</summary>
internal sealed record RealSizes(IReadOnlyDictionary<uint, (long Rows, long Long, long Index)> Tables, IReadOnlyDictionary<uint, long> Indexes)
{
    public static RealSizes None { get; } = new(new Dictionary<uint, (long, long, long)>(), new Dictionary<uint, long>());
}
