using Dashboard.Core.Files;

namespace Dashboard.Core.Configuration;

/// <summary>The folder that holds all that the product owns. One process has it at a time.</summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>
    /// For a dashboard that has just ended, and for a program that one has just started: until it has become that program it holds a copy of every handle.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly FileStream? _lock;

    private DataFolder(string path, FileStream? heldLock)
    {
        Path = path;
        _lock = heldLock;
    }

    public string Path { get; }

    public string StoreFile => System.IO.Path.Combine(Path, "dashboard.db");

    public string SettingsFile => System.IO.Path.Combine(Path, "dashboard.json");

    public string SampleFile => System.IO.Path.Combine(Path, "sample", "sample-archive.db");

    public string DefaultBackupFolder => System.IO.Path.Combine(Path, "backups");

    public string BackupFolder(DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.BackupFolder.Length > 0 ? options.BackupFolder : DefaultBackupFolder;
    }

    /// <summary>The platform's own place for application data.</summary>
    public static string Default => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "dashboard");

    /// <summary>Creates the folder where needed and takes its lock, which the operating system frees even after a kill.</summary>
    /// <exception cref="DataFolderException">When it can't be written, or another process has it.</exception>
    public static DataFolder Open(string path) => Open(path, () => { });

    /// <param name="waits">Called when another has the lock, each time that this is seen.</param>
    internal static DataFolder Open(string path, Action waits)
    {
        var full = System.IO.Path.GetFullPath(string.IsNullOrWhiteSpace(path) ? Default : path);
        try
        {
            DurableFiles.CreatePrivateFolder(full);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The data folder {full} can't be created: {fault.Message} Choose another with --data or Dashboard__DataFolder.", fault);
        }

        var lockFile = System.IO.Path.Combine(full, "dashboard.lock");
        try
        {
            return new DataFolder(full, Lock(lockFile, waits));
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new DataFolderException($"The data folder {full} can't be written by {Environment.UserName}. Change its owner, or choose another with --data or Dashboard__DataFolder.", fault);
        }
        catch (IOException fault)
        {
            throw new DataFolderException($"Another dashboard is running on the data folder {full}. Stop it, or choose another folder with --data or Dashboard__DataFolder.", fault);
        }
    }

    private static FileStream Lock(string file, Action waits)
    {
        FileStream? held = null;
        SpinWait.SpinUntil(TryLock, Patience);
        return held ?? Take();

        bool TryLock()
        {
            try
            {
                held = Take();
                return true;
            }
            catch (IOException)
            {
                waits();
                return false;
            }
        }

        FileStream Take() => new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public void Dispose() => _lock?.Dispose();
}

public sealed class DataFolderException(string message, Exception inner) : Exception(message, inner);
