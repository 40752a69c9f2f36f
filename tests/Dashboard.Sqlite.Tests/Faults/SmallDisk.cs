using System.Diagnostics;
using Xunit;

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>A disk of a few MiB of its own; skips the test where none can be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes)
    {
        Folder = Directory.CreateTempSubdirectory("disk-").FullName;
        if (!OperatingSystem.IsLinux() || Mount("-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Folder) != 0)
        {
            Directory.Delete(Folder);
            Assert.Skip("A small disk can be mounted only by root on Linux.");
        }
    }

    public string Folder { get; }

    public void MakeReadOnly() => Mount("-o", "remount,ro", Folder);

    /// <summary>Leaves so many bytes and no more.</summary>
    public void FillUpTo(long bytesLeft)
    {
        using var filler = File.Create(Path.Combine(Folder, "filler"));
        var block = new byte[4096];
        while (new DriveInfo(Folder).AvailableFreeSpace > bytesLeft)
        {
            filler.Write(block);
            filler.Flush();
        }
    }

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder);
    }

    private static int Mount(params string[] arguments) => Run("mount", arguments);

    private static int Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return 1;
        }
    }
}
