using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Where SQLite puts its temporary files (https://www.sqlite.org/tempfiles.html, 5): the first folder of its list that can be written.</summary>
internal static class TemporaryFiles
{
    public static string Folder()
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.GetTempPath();
        }

        string?[] places = [Environment.GetEnvironmentVariable("SQLITE_TMPDIR"), Environment.GetEnvironmentVariable("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp"];
        return places.FirstOrDefault(place => place is not null && Directory.Exists(place) && NativeFiles.CanWrite(place)) ?? ".";
    }
}
