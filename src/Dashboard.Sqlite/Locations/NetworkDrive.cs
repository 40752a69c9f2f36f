namespace Dashboard.Sqlite.Locations;

/// <summary>Drives whose locks and shared memory reach one machine only, so that WAL is unsafe on them (https://www.sqlite.org/wal.html).</summary>
internal static class NetworkDrive
{
    private static readonly string[] Formats = ["nfs", "cifs", "smb", "fuse.sshfs", "9p", "afs", "ncpfs", "davfs"];

    /// <summary>The drive's format, or null when it is local or can't be told.</summary>
    public static string? FormatOf(string path)
    {
        try
        {
            var drive = new DriveInfo(Path.GetDirectoryName(path)!);
            return drive.DriveType == DriveType.Network || Formats.Any(format => drive.DriveFormat.StartsWith(format, StringComparison.OrdinalIgnoreCase))
                ? drive.DriveFormat
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
