using Dashboard.Core.Databases;
using Dashboard.Sqlite.Pages;

namespace Dashboard.Sqlite.Schemas;

/// <summary>Rows and bytes of single trees, from their pages.</summary>
internal sealed class SizeOf(LivePages pages, DateTimeOffset now)
{
    private readonly EstimateTree estimate = new(pages);

    public TreeSize? Tree(long root) => estimate.Run(root);

    /// <summary>No estimate is larger than all that is in use.</summary>
    public Measure? Bytes(TreeSize? tree) => tree is null
        ? null
        : new Measure(Math.Min(tree.Pages, pages.Count - pages.FreeCount) * pages.PageSize, tree.IsWhole && pages.IsOneMoment, now);

    /// <summary>Exact only beyond doubt: a table that can't be vouched for is counted.</summary>
    public Measure? Rows(TreeSize? tree) =>
        tree is null ? null : new Measure(tree.Rows, tree.IsWhole && pages.IsOneMomentForSure, now);

    public Measure? Bytes(IEnumerable<CatalogueEntry> entries)
    {
        Measure? sum = new Measure(0, IsExact: true, now);
        foreach (var entry in entries)
        {
            sum = Measure.Sum(sum, Bytes(Tree(entry.Root)));
        }

        return sum;
    }
}
