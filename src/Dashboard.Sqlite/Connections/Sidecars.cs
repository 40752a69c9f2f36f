using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Connections;

/// <summary>The files that SQLite keeps beside a database. They belong to it: alone, each side is worthless or harmful.</summary>
internal static class Sidecars
{
    public const string WalSuffix = "-wal";

    public const string SharedMemorySuffix = "-shm";

    public const string JournalSuffix = "-journal";

    public static readonly IReadOnlyList<string> Suffixes = [WalSuffix, SharedMemorySuffix, JournalSuffix];

    public static string Wal(string file) => RealName(file) + WalSuffix;

    public static string SharedMemory(string file) => RealName(file) + SharedMemorySuffix;

    public static string Journal(string file) => RealName(file) + JournalSuffix;

    public static IEnumerable<string> Of(string file) => Suffixes.Select(suffix => RealName(file) + suffix);

    /// <summary>SQLite resolves every link of a path before it names what it keeps beside: a link to a file has no WAL of its own.</summary>
    public static string RealName(string file) => NativeFiles.RealPath(file) ?? file;

    /// <summary>0 when it is not there. Asks for the size only: opening one of these files would drop SQLite's locks.</summary>
    public static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
