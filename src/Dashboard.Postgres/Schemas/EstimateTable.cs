using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Schemas;

/// <summary>Rows and bytes of a table as far as they are known without reading it. Pure.</summary>
internal sealed class EstimateTable(RealSizes real, long pageSize, DateTimeOffset at)
{
    /// <summary>How a person is told.</summary>
    public const string Words = "the server's statistics, which ANALYZE renews";

    /// <summary>
    /// Followed rows tell of deletions, which leave pages behind; they are too many where rows were written and analysed in one session, which reports
    /// the rows once more after that. As many as are too many for the pages they can't be, once a density is one of more than a few pages.
    /// </summary>
    private const int PagesOfADensity = 10;

    private const int BytesOfARow = 128;

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

    /// <summary>Those that can be counted, with the pages that this reads. What is guessed comes last: a guess that is wrong uses up the time of guesses only.</summary>
    public IEnumerable<(TableName Name, long Pages)> SmallFirst(IEnumerable<CatalogueTable> tables) => tables
        .Where(table => table is { IsPopulated: true, CanCount: true })
        .Select(table => (table.Name, Known: Pages(table), Guessed: Math.Max(0, table.LiveTuples) * BytesOfARow / pageSize))
        .OrderBy(table => table.Known is null)
        .ThenBy(table => table.Known ?? table.Guessed)
        .Select(table => (table.Name, table.Known ?? table.Guessed));

    /// <summary>Of the rows themselves; null when nothing is known.</summary>
    private long? Pages(CatalogueTable table) =>
        real.Tables.TryGetValue(table.Oid, out var measured) ? measured.Rows / pageSize
        : table.IsNeverAnalysed && table.Pages == 0 ? null
        : table.Pages;

    private Measure? Rows(CatalogueTable table)
    {
        if (!table.IsPopulated)
        {
            return new Measure(0, IsExact: true, at);
        }

        if (table.IsNeverAnalysed)
        {
            return table.IsFollowed ? Estimate(table.LiveTuples) : Pages(table) == 0 ? Estimate(0) : null;
        }

        // As the planner does: as dense as it was, on as many pages as there are.
        var pages = Pages(table) ?? table.Pages;
        var asDense = table.Pages == 0 ? table.Tuples : table.Tuples / table.Pages * pages;

        // The statistics count rows twice that one session has written and analysed; more than one page more can't hold them is such a count.
        var fits = table.Pages == 0 || table.LiveTuples <= table.Tuples / table.Pages * (pages + 1);
        return Estimate(!table.IsFollowed ? asDense : table.Pages < PagesOfADensity && fits ? table.LiveTuples : Math.Min(asDense, table.LiveTuples));
    }

    private Measure? OfCatalogue(CatalogueTable table, long pages) => table.IsNeverAnalysed && table.Pages == 0 ? null : Estimate(pages * pageSize);

    private Measure Estimate(double value) => new((long)Math.Round(value), IsExact: false, at);
}
