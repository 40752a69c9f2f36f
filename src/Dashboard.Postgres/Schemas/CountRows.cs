using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// Row counts of one moment, as far as the budget reaches, small tables first: of what a backup holds rows of. A materialized view is filled again by its query, and
/// what an extension keeps for itself is made by it, so neither can be lost.
/// </summary>
internal static class CountRows
{
    /// <summary>Tables of extensions, but for those of which a dump takes all rows.</summary>
    private const string OfExtensions =
        """
        SELECT d.objid
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND d.objsubid = 0
              AND NOT EXISTS (SELECT FROM generate_subscripts(e.extconfig, 1) AS at WHERE e.extconfig[at] = d.objid AND e.extcondition[at] = '')
        """;

    public static async Task<RowCounts> RunAsync(PostgresLocation at, Watching watching, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        if (budget <= TimeSpan.Zero)
        {
            return new RowCounts([], IsComplete: false);
        }

        // It may take as long as its budget, and those who watch wait for two connections only.
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        await using var connection = await PostgresConnections.OpenAsync(at, password, budget, cancellationToken, name: PostgresConnections.CountingName);
        return await Snapshot.InAsync(connection, async () =>
        {
            var made = (await connection.ListAsync(OfExtensions, row => row.GetFieldValue<uint>(0), cancellationToken)).ToHashSet();
            var tables = (await Catalogue.ReadAsync(connection, cancellationToken)).Where(table => !table.IsMaterializedView && !made.Contains(table.Oid)).ToList();
            var estimate = new EstimateTable(await MeasureChanged.ReadAsync(connection, tables, budget, cancellationToken), await Catalogue.ReadPageSizeAsync(connection, cancellationToken), time.GetUtcNow());
            var counts = await new CountTables(connection, budget, time).RunAsync(
                estimate.SmallFirst(tables),
                cancellationToken);

            List<TableRows> rows = [];
            foreach (var table in tables)
            {
                if (counts.TryGetValue(table.Name, out var count))
                {
                    rows.Add(new TableRows(table.Name.ToString(), count));
                }
            }

            return new RowCounts(rows, IsComplete: rows.Count == tables.Count);
        }, cancellationToken);
    }
}
