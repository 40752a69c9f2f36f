using Dashboard.Core.Files;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Files;

/// <summary>Database files of our own, from the first byte to the name. Never for a file that others have open.</summary>
internal static class NewFile
{
    public static string Partial(string file) => file + DurableFiles.PartialExtension;

    /// <summary>Creates it empty and for this user only; SQLite keeps the mode.</summary>
    public static void CreatePrivate(string file) => DurableFiles.CreatePrivate(file, bufferSize: 0).Dispose();

    /// <summary>Content first, then the name: a crash leaves the partial file or the whole one, never half a file under the name.</summary>
    public static void Publish(string partial, string file)
    {
        Sync(partial);
        DurableFiles.Publish(partial, file);
    }

    public static void Sync(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Removes a database of our own with all that SQLite may have put beside it.</summary>
    public static void Remove(string file)
    {
        foreach (var path in Sidecars.Of(file).Append(file))
        {
            File.Delete(path);
        }
    }
}
