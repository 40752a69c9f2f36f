using System.Diagnostics;
using System.Globalization;

namespace Dashboard.Trials.Postgres;

/// <summary>A disk of a few megabytes in memory, which only root may mount.</summary>
internal static class SmallDisk
{
    /// <summary>The folder; null when it may not be mounted.</summary>
    public static string? Mount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        return Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=0700"), "none", folder) ? folder : null;
    }

    public static void Unmount(string folder) => Run("umount", folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
