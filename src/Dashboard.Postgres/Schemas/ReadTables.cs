using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.States;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>The tables as the server knows them, then as many counted as the budget allows.</summary>
internal static class ReadTables
{
    /// <summary>What a table is read at from memory; a disk may be slower, and then the budget ends it.</summary>
    private const long BytesPerSecond = 500_000_000;

    /// <summary>One table may take so much of the budget: many small ones are worth more than a large one, whose estimate is near.</summary>
    private const double MostOfBudget = 1.0 / 50;

    public static Task<TableList> RunAsync(PostgresLocation at, Watching watching, KnownTables known, KnownSizes sizes, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken) =>
        watching.AskAsync(at, async connection =>
        {
            var now = time.GetUtcNow();
            var all = await known.ReadAsync(at, connection, cancellationToken);
            List<CatalogueTable> tables = [.. all.Where(table => !table.IsPartitioned)];
            var (total, pageSize, _) = await sizes.ReadAsync(at, connection, cancellationToken);
            var estimate = new EstimateTable(await MeasureChanged.ReadAsync(connection, tables, budget, cancellationToken), pageSize, now);
            var counts = await CountAsync(connection, tables, estimate, pageSize, budget, time, cancellationToken);

            List<(CatalogueTable Table, TableFacts Facts)> facts = [.. tables.Select(table => (table, Counted(estimate.Facts(table), table, counts, now)))];
            var list = SumPartitions.Of(facts, all.Where(table => table.IsPartitioned), now);
            return new TableList(now, list)
            {
                Partitions = [.. facts.Where(pair => pair.Table.Whole is not null).Select(pair => pair.Facts)],
                TotalBytes = total,
                OtherBytes = Others(list, total, now),
                EstimatedFrom = EstimateTable.Words,
            };
        }, cancellationToken);

    /// <summary>Those that are counted within the budget; a table that a reading with another budget counts may be an estimate in this one.</summary>
    internal static async Task<IReadOnlyDictionary<TableName, long>> CountAsync(
        NpgsqlConnection connection, IEnumerable<CatalogueTable> tables, EstimateTable estimate, long pageSize, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var most = (long)(budget.TotalSeconds * MostOfBudget * BytesPerSecond / pageSize);
        var wanted = estimate.SmallFirst(tables).Where(table => table.Pages <= most).ToList();
        return budget <= TimeSpan.Zero || wanted.Count == 0
            ? new Dictionary<TableName, long>()
            : await Snapshot.InAsync(connection, () => new CountTables(connection, budget, time).RunAsync(wanted, cancellationToken), cancellationToken);
    }

    internal static TableFacts Counted(TableFacts facts, CatalogueTable table, IReadOnlyDictionary<TableName, long> counts, DateTimeOffset now) =>
        counts.TryGetValue(table.Name, out var rows) ? facts with { Rows = new Measure(rows, IsExact: true, now) } : facts;

    /// <summary>The catalogue, and what the estimates are off by; never less than nothing.</summary>
    private static Measure? Others(IReadOnlyList<TableFacts> tables, long total, DateTimeOffset now) =>
        tables.All(table => table.TotalBytes is not null)
            ? new Measure(Math.Max(0, total - tables.Sum(table => table.TotalBytes!.Value)), IsExact: false, now)
            : null;
}
