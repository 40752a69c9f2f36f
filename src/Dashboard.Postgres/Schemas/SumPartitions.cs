using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Schemas;

/// <summary>Shows a partitioned table as one, with the sum of what its partitions hold. Pure.</summary>
internal static class SumPartitions
{
    /// <param name="tables">All that hold rows, with what is known of each.</param>
    /// <param name="wholes">The partitioned tables; one without a partition holds nothing.</param>
    /// <returns>By the ordinal order of their names.</returns>
    public static IReadOnlyList<TableFacts> Of(IEnumerable<(CatalogueTable Table, TableFacts Facts)> tables, IEnumerable<CatalogueTable> wholes, DateTimeOffset now)
    {
        var all = tables.ToList();
        var parts = all.Where(pair => pair.Table.Whole is not null).ToLookup(pair => pair.Table.Whole!.Value, pair => pair.Facts);
        var known = wholes.ToList();
        var names = known.Select(whole => whole.Name).ToHashSet();
        return
        [
            .. known.Select(whole => Of(whole, parts[whole.Name], now))

                // A partition that was made while both were read stands for itself until the next reading.
                .Concat(all.Where(pair => pair.Table.Whole is not { } whole || !names.Contains(whole)).Select(pair => pair.Facts))
                .OrderBy(table => table.Name, StringComparer.Ordinal),
        ];
    }

    public static TableFacts Of(CatalogueTable whole, IEnumerable<TableFacts> parts, DateTimeOffset now)
    {
        var all = parts.ToList();
        return new TableFacts(whole.Name.ToString(), Sum(table => table.Rows), Sum(table => table.DataBytes), Sum(table => table.IndexBytes)) { IndexCount = whole.IndexCount };

        Measure? Sum(Func<TableFacts, Measure?> of) => all.Aggregate((Measure?)new Measure(0, IsExact: true, now), (sum, table) => Measure.Sum(sum, of(table)));
    }
}
