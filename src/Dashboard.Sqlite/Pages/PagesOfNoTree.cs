namespace Dashboard.Sqlite.Pages;

/// <summary>The pages that belong to no table and no index, so that all of a file adds up. Pure.</summary>
internal static class PagesOfNoTree
{
    /// <summary>SQLite's locks lie on these bytes, so the page that holds them is never used.</summary>
    private const long LockByte = 0x40000000;

    public static long Count(FilePages pages) => pages.FreeCount + Locks(pages) + PointerMaps(pages);

    private static int Locks(FilePages pages) => LockPage(pages) <= pages.Count ? 1 : 0;

    private static long LockPage(FilePages pages) => (LockByte / pages.PageSize) + 1;

    /// <summary>Page 2 is the first; each tells of as many pages as fit, and the next one follows them (https://www.sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages).</summary>
    private static long PointerMaps(FilePages pages)
    {
        if (!pages.HasPointerMap)
        {
            return 0;
        }

        long maps = 0;
        var step = (pages.UsableBytes / 5) + 1;
        for (long map = 2; map <= pages.Count; map += step)
        {
            // The one that would be the lock page stands behind it.
            maps += map == LockPage(pages) && map + 1 > pages.Count ? 0 : 1;
        }

        return maps;
    }
}
