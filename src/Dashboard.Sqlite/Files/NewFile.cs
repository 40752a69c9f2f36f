using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Files;

/// <summary>Files of our own: written under another name, made durable, then named. Never for a file that others have open.</summary>
internal static class NewFile
{
    public static string Partial(string file) => file + ".partial";

    /// <summary>Creates it empty and for this user only; SQLite keeps the mode.</summary>
    public static void CreatePrivate(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var _ = new FileStream(file, options);
    }

    /// <summary>Content first, then the name: a crash leaves the partial file or the whole one, never half a file under the name.</summary>
    public static void Publish(string partial, string file)
    {
        Sync(partial);
        File.Move(partial, file, overwrite: false);
        NativeFiles.SyncFolder(Path.GetDirectoryName(file)!);
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
