using System.Runtime.InteropServices;

namespace Dashboard.Core.Files;

/// <summary>Steps that make a file survive a crash: written under another name, synced, renamed, and its folder synced.</summary>
public static partial class DurableFiles
{
    /// <summary>A file that is not whole yet ends so; nothing that ends so is ever read as anything but rubbish.</summary>
    public const string PartialExtension = ".partial";

    /// <summary>A folder that only its owner may enter, with those above it; one that is there stays as it is.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Creates a file that only its owner may read, for the data in it are somebody's whole database.</summary>
    /// <exception cref="IOException">When it exists.</exception>
    public static FileStream CreatePrivate(string path, int bufferSize = 1 << 17)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = bufferSize };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Gives a whole, synced file its name. Never overwrites.</summary>
    public static void Publish(string partial, string final)
    {
        File.Move(partial, final, overwrite: false);
        SyncFolder(Path.GetDirectoryName(final)!);
    }

    /// <summary>Writes a small file so that either the old or the new content is there after a crash.</summary>
    public static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var partial = path + PartialExtension;
        File.Delete(partial);
        try
        {
            await using (var file = CreatePrivate(partial))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Makes a rename in the folder durable. .NET has no call for it; Windows needs none.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException($"Could not open the folder {folder} to sync it (error {Marshal.GetLastPInvokeError()}).");
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw new IOException($"Could not sync the folder {folder} (error {Marshal.GetLastPInvokeError()}).");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
