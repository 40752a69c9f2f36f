using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Schemas;

/// <summary>Rows and bytes of a table as far as they are known without reading it. Pure.</summary>
internal sealed class EstimateTable(RealSizes real, long pageSize, DateTimeOffset at)
{
    public TableFacts Facts(CatalogueTable table)
    {
        var isMeasured = real.Tables.TryGetValue(table.Oid, out var measured);
        return new TableFacts(
            table.Name.ToString(),
            Rows(table),
            isMeasured ? Estimate(measured.Rows + measured.Long) : OfCatalogue(table, table.Pages + table.LongPages),
            isMeasured ? Estimate(measured.Index) : OfCatalogue(table, table.IndexPages))
        {
            IndexCount = table.IndexCount,
        };
    }

    /// <summary>Of the rows themselves, which counting reads; null when nothing is known.</summary>
    public long? Pages(CatalogueTable table) =>
        real.Tables.TryGetValue(table.Oid, out var measured) ? measured.Rows / pageSize
        : table.IsNeverAnalysed && table.Pages == 0 ? null
        : table.Pages;

    private Measure? Rows(CatalogueTable table)
    {
        if (!table.IsPopulated)
        {
            return new Measure(0, IsExact: true, at);
        }

        if (table.IsFollowed)
        {
            return Estimate(table.LiveTuples);
        }

        if (table.IsNeverAnalysed)
        {
            return Pages(table) == 0 ? Estimate(0) : null;
        }

        // As the planner does: as dense as it was, on as many pages as there are.
        return Estimate(table.Pages == 0 ? table.Tuples : table.Tuples / table.Pages * (Pages(table) ?? table.Pages));
    }

    private Measure? OfCatalogue(CatalogueTable table, long pages) => table.IsNeverAnalysed && table.Pages == 0 ? null : Estimate(pages * pageSize);

    private Measure Estimate(double value) => new((long)Math.Round(value), IsExact: false, at);
}
