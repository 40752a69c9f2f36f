namespace Dashboard.Sqlite.Files;

/// <summary>Which file it is, whatever it is called: names may be many, and the same name may be another file.</summary>
internal readonly record struct FileId(ulong Device, ulong Inode)
{
    public static FileId? Of(string path) => FileOwner.Of(path)?.Id;

    /// <summary>A device as one number.</summary>
    public static ulong NumberOf(uint major, uint minor) => ((ulong)major << 32) | minor;
}
