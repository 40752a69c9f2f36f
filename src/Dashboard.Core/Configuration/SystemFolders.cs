namespace Dashboard.Core.Configuration;

/// <summary>Folders that belong to the system: backups there fill the root disk, are lost with a restart, or can't be told from the system's own files.</summary>
internal static class SystemFolders
{
    /// <summary>With all that is beneath.</summary>
    private static readonly string[] Whole =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/lost+found", "/proc", "/sbin", "/sys", "/usr/bin", "/usr/include", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/sbin", "/usr/share", "/System", "/Library", "/var/run", "/var/lock", "/run/lock", "/run/systemd"];

    /// <summary>Themselves; a folder in them may be anybody's.</summary>
    private static readonly string[] Alone =
        ["/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/run/media", "/snap", "/srv", "/tmp", "/usr", "/usr/local", "/var", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp", "/Users", "/Volumes", "/private"];

    /// <summary>Why backups can't go there; null when they can. Links are followed as far as they lead now.</summary>
    public static string? FaultOf(string folder)
    {
        foreach (var path in (string[])[folder, Real(folder)])
        {
            if (Path.GetPathRoot(path) == path || Alone.Contains(path) || Whole.Any(one => path == one || path.StartsWith(one + "/", StringComparison.Ordinal)) || IsOfWindows(path))
            {
                return $"{folder} is a folder of the system{(path == folder ? "" : $" ({path})")}. Backups need a folder of their own.";
            }
        }

        return null;
    }

    private static bool IsOfWindows(string path) =>
        OperatingSystem.IsWindows() && Environment.GetFolderPath(Environment.SpecialFolder.Windows) is { Length: > 0 } windows
        && (path.Equals(windows, StringComparison.OrdinalIgnoreCase) || path.StartsWith(windows + "\\", StringComparison.OrdinalIgnoreCase));

    /// <summary>The path with the links of each part followed.</summary>
    private static string Real(string path)
    {
        var parts = path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var real = Path.GetPathRoot(path) ?? "/";
        foreach (var part in OperatingSystem.IsWindows() ? parts.Skip(1) : parts)
        {
            var next = new DirectoryInfo(Path.Combine(real, part));
            try
            {
                real = next.LinkTarget is null ? next.FullName : next.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next.FullName;
            }
            catch (IOException)
            {
                real = next.FullName;
            }
        }

        return Path.TrimEndingDirectorySeparator(real) is { Length: > 0 } trimmed ? trimmed : real;
    }
}
