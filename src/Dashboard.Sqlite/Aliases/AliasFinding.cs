namespace Dashboard.Sqlite.Aliases;

/// <summary>In the order of the worst.</summary>
internal enum AliasHarm
{
    /// <summary>Something could not be looked at, so that rows may be missing and nobody knows.</summary>
    Unseen,

    /// <summary>The file has another name. An application that uses it would have another WAL; none is seen to.</summary>
    OtherName,

    /// <summary>In use in a way that its writers and ours would not respect each other. What can be read here is whole.</summary>
    UnsafeToWrite,

    /// <summary>Committed rows are where this path does not lead: what is read here is not the whole content.</summary>
    HidesRows,
}

/// <summary>A reason why the file and the WAL beside it may not be all of a database.</summary>
/// <param name="Problem">"node (process 4711) has this file open as /data/shop.db: ...".</param>
/// <param name="WayOut">What to do.</param>
internal sealed record AliasFinding(AliasHarm Harm, string Problem, string WayOut)
{
    public string Sentence => $"{Problem} {WayOut}";

    /// <summary>Whether a file beside the database was deleted or replaced while it was open, and no other name has to do with it.</summary>
    public bool IsOfSidecars { get; init; }

    /// <summary>Whether it was seen of a process, which may just be opening or closing the database: only what stays is a fault.</summary>
    public bool IsOfProcess { get; init; }
}
