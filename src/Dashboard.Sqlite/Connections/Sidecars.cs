namespace Dashboard.Sqlite.Connections;

/// <summary>The files that SQLite keeps beside a database. They belong to it: alone, each side is worthless or harmful.</summary>
internal static class Sidecars
{
    public static readonly IReadOnlyList<string> Suffixes = ["-wal", "-shm", "-journal"];

    public static string Wal(string file) => file + "-wal";

    public static string SharedMemory(string file) => file + "-shm";

    public static string Journal(string file) => file + "-journal";

    public static IEnumerable<string> Of(string file) => Suffixes.Select(suffix => file + suffix);

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
