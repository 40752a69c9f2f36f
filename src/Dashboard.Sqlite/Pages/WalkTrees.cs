namespace Dashboard.Sqlite.Pages;

/// <summary>
/// Counts the pages of trees exactly. The leaves below one page are read in their order on the disk, as many at once as lie together;
/// what overflows is worked out from the lengths and not read. It needs no memory for the pages that it has seen, however large the file.
/// </summary>
internal sealed class WalkTrees(IPages pages, Action<long> onPages, CancellationToken cancellationToken)
{
    private const int BytesAtOnce = 1 << 20;
    private const int MostLevels = 20;

    private readonly byte[] one = new byte[pages.PageSize];
    private readonly byte[] many = new byte[Math.Max(BytesAtOnce / pages.PageSize, 1) * pages.PageSize];
    private long seen;

    /// <summary>Pages of all trees so far.</summary>
    public long Total { get; private set; }

    /// <summary>Pages of one tree, with those that overflow.</summary>
    /// <exception cref="InvalidDataException">When it is damaged.</exception>
    public long Count(long root)
    {
        var counted = Visit(root, Height(root));
        Total += counted;
        return counted;
    }

    /// <summary>All leaves of a tree are equally deep.</summary>
    private int Height(long root)
    {
        for (var height = 0; height < MostLevels; height++)
        {
            var page = Page(root);
            if (page.IsLeaf)
            {
                return height;
            }

            root = page.Child(0);
        }

        throw new InvalidDataException("The pages go round in a circle.");
    }

    private long Visit(long number, int height)
    {
        var page = Page(number);
        if (page.IsLeaf != (height == 0))
        {
            throw new InvalidDataException($"Page {number} is not where the tree has it.");
        }

        Saw(1);
        var counted = 1 + page.OverflowPages();
        if (height == 0)
        {
            return counted;
        }

        var children = new long[page.Children];
        for (var position = 0; position < children.Length; position++)
        {
            children[position] = page.Child(position);
        }

        if (height == 1)
        {
            return counted + VisitLeaves(children);
        }

        foreach (var child in children)
        {
            counted += Visit(child, height - 1);
        }

        return counted;
    }

    private long VisitLeaves(long[] leaves)
    {
        Array.Sort(leaves);
        long counted = 0;
        var most = many.Length / pages.PageSize;
        for (var first = 0; first < leaves.Length;)
        {
            var together = 1;
            while (together < most && first + together < leaves.Length && leaves[first + together] == leaves[first] + together)
            {
                together++;
            }

            Demand(leaves[first]);
            Demand(leaves[first] + together - 1);
            pages.Read(leaves[first], many.AsSpan(0, together * pages.PageSize));
            Saw(together);
            for (var number = 0; number < together; number++)
            {
                var leaf = new TreePage(many.AsSpan(number * pages.PageSize, pages.PageSize), leaves[first] + number, pages.UsableBytes);
                counted += leaf.IsLeaf ? 1 + leaf.OverflowPages() : throw new InvalidDataException($"Page {leaves[first] + number} is no leaf.");
            }

            first += together;
        }

        return counted;
    }

    private TreePage Page(long number)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Demand(number);
        pages.Read(number, one);
        return new TreePage(one, number, pages.UsableBytes);
    }

    private void Saw(int more)
    {
        // Two trees that share a page, or one that comes back to itself, would be walked for ever.
        seen += more;
        if (seen > pages.Count)
        {
            throw new InvalidDataException("Pages belong to more than one place.");
        }

        onPages(seen);
    }

    private void Demand(long number)
    {
        if (number < 1 || number > pages.Count)
        {
            throw new InvalidDataException($"There is no page {number}.");
        }
    }
}
