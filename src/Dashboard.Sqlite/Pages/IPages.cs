namespace Dashboard.Sqlite.Pages;

/// <summary>The pages of one moment of a database, numbered from 1.</summary>
internal interface IPages
{
    int PageSize { get; }

    /// <summary>Of each page, without what an extension has reserved at its end.</summary>
    int UsableBytes { get; }

    long Count { get; }

    /// <summary>Fills <paramref name="target"/>, which holds one page or several that follow each other.</summary>
    void Read(long page, Span<byte> target);
}
