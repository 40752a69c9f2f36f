namespace Dashboard.Sqlite.Pages;

/// <param name="Rows">Of a table, or entries of an index.</param>
/// <param name="Pages">All of them, overflow included.</param>
/// <param name="IsWhole">Whether every page was looked at, so that both numbers are exact.</param>
internal sealed record TreeSize(long Rows, long Pages, bool IsWhole);

/// <summary>
/// How much a table or an index holds, from a bounded number of its pages: small trees are read whole, of large ones some random leaves.
/// </summary>
/// <remarks>
/// Each way from the root to a leaf multiplies what the pages on it hold, and the mean over ways drawn at random is the tree's size
/// (D. E. Knuth, "Estimating the efficiency of backtrack programs", 1975). Unlike the highest row number or the statistics of ANALYZE, it does not
/// mind rows that were deleted, numbers given out with gaps, or statistics of last year; and it measures how full the pages are instead of guessing.
/// The ways are spread over the root's children, and drawn the same for the same tree, so that a number moves only when the table does.
/// </remarks>
internal sealed class EstimateTree(IPages pages)
{
    /// <summary>Trees of two levels with so many leaves are always read whole: some ten microseconds.</summary>
    private const int SmallTree = 32;

    /// <summary>Leaves of larger ones that are read whole too, all trees together: some milliseconds, and a small database is exact.</summary>
    private const int MostExtra = 2048;

    /// <summary>Leaves that were filled at random are half to wholly full: the mean of so many is within a tenth of the truth.</summary>
    private const int Ways = 16;
    private const int MostLevels = 20;

    private readonly byte[] buffer = new byte[pages.PageSize];
    private int extra = MostExtra;

    /// <summary>Null when the pages do not make sense, as where a log is too long to be read.</summary>
    public TreeSize? Run(long root)
    {
        try
        {
            return root < 1 || root > pages.Count ? null : Look(root);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private TreeSize Look(long root)
    {
        var top = Page(root);
        if (top.IsLeaf)
        {
            return new TreeSize(top.Rows, 1 + top.OverflowPages(), IsWhole: true);
        }

        var children = Children(top);
        var (rows, whole) = ((double)top.Rows, 1.0 + top.OverflowPages());
        if ((children.Length <= SmallTree || children.Length <= extra) && Page(children[0]).IsLeaf)
        {
            extra -= children.Length <= SmallTree ? 0 : children.Length;
            foreach (var child in children)
            {
                var leaf = Page(child);
                rows += leaf.Rows;
                whole += 1 + leaf.OverflowPages();
            }

            return new TreeSize((long)rows, (long)whole, IsWhole: true);
        }

        var random = new Random((int)root);
        for (var way = 0; way < Ways; way++)
        {
            // One from each of as many equal parts of the root's children: together they are spread, each is drawn at random.
            var position = (int)((way + random.NextDouble()) * children.Length / Ways);
            var (wayRows, wayPages) = Descend(children[Math.Min(position, children.Length - 1)], random);
            rows += wayRows * children.Length / Ways;
            whole += wayPages * children.Length / Ways;
        }

        return new TreeSize((long)Math.Round(rows), (long)Math.Round(whole), IsWhole: false);
    }

    private (double Rows, double Pages) Descend(long number, Random random)
    {
        double rows = 0, whole = 0, alike = 1;
        for (var level = 0; level < MostLevels; level++)
        {
            var page = Page(number);
            rows += alike * page.Rows;
            whole += alike * (1 + page.OverflowPages());
            if (page.IsLeaf)
            {
                return (rows, whole);
            }

            number = page.Child(random.Next(page.Children));
            alike *= page.Children;
        }

        throw new InvalidDataException("The pages go round in a circle.");
    }

    private static long[] Children(TreePage page)
    {
        var children = new long[page.Children];
        for (var position = 0; position < children.Length; position++)
        {
            children[position] = page.Child(position);
        }

        return children;
    }

    private TreePage Page(long number)
    {
        if (number < 1 || number > pages.Count)
        {
            throw new InvalidDataException($"There is no page {number}.");
        }

        pages.Read(number, buffer);
        return new TreePage(buffer, number, pages.UsableBytes);
    }
}
