namespace Dashboard.Sqlite.Files;

/// <summary>Where nobody may write, whoever asks and whatever the mode of the file.</summary>
internal static class ReadOnlyMount
{
    /// <summary>The mount point of the path; null where it can be written, or the system does not tell.</summary>
    public static string? Of(string path) => OperatingSystem.IsLinux() && MountTable.Find(path) is { IsReadOnly: true } mount ? mount.Point : null;

    public static string WayOut(string point) => $"Mount {point} writable (in a container without :ro), then try again.";
}
