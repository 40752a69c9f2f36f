using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Schemas;

/// <summary>Row counts of one moment, as far as the budget reaches, small tables first.</summary>
internal static class CountRows
{
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
            var tables = await Catalogue.ReadAsync(connection, cancellationToken);
            var estimate = new EstimateTable(await MeasureChanged.ReadAsync(connection, tables, budget, cancellationToken), await Catalogue.ReadPageSizeAsync(connection, cancellationToken), time.GetUtcNow());
            var counts = await new CountTables(connection, budget, time).RunAsync(
                estimate.SmallFirst(tables),
                cancellationToken);

            List<TableRows> rows = [];
            foreach (var table in tables)
            {
                if (!table.IsPopulated)
                {
                    rows.Add(new TableRows(table.Name.ToString(), 0));
                }
                else if (counts.TryGetValue(table.Name, out var count))
                {
                    rows.Add(new TableRows(table.Name.ToString(), count));
                }
            }

            return new RowCounts(rows, IsComplete: rows.Count == tables.Count);
        }, cancellationToken);
    }
}
