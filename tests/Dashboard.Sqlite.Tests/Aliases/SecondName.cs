using System.Diagnostics;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

/// <summary>Ways by which one file comes to have two names. What was mounted is unmounted at the end.</summary>
internal sealed class SecondName : IDisposable
{
    private readonly Stack<string> mounted = [];

    /// <summary>Another name of the file that has its own folder, so its own WAL.</summary>
    public static readonly string[] Harmful = ["hard link beside", "hard link in a folder below", "hard link far away", "mounted file", "file mounted in a container"];

    /// <summary>Another path that leads to the same folder, so to the same WAL.</summary>
    public static readonly string[] Harmless = ["link to the folder", "link to the file", "mounted folder", "folder mounted in a container"];

    /// <summary>Starts the application on another name of the file.</summary>
    public async Task<OtherProcess> StartAsync(string kind, string file, params string[] arguments)
    {
        var name = Prepare(kind, file);
        string[] work = [arguments[0], name, .. arguments[1..]];
        return kind switch
        {
            "file mounted in a container" => await OtherProcess.StartWithMountAsync(file, name, work),
            "folder mounted in a container" => await OtherProcess.StartWithMountAsync(Path.GetDirectoryName(file)!, Path.GetDirectoryName(name)!, work),
            _ => await OtherProcess.StartAsync(work),
        };
    }

    /// <summary>The other name; where it is a mount of a container's own, the place for it.</summary>
    public string Prepare(string kind, string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var below = Directory.CreateDirectory(Path.Combine(folder, "app")).FullName;
        var far = Directory.CreateDirectory(Path.Combine(folder, "..", "elsewhere", "deep", "data")).FullName;
        switch (kind)
        {
            case "hard link beside":
                return HardLink(file, Path.Combine(folder, "second.db"));
            case "hard link in a folder below":
                return HardLink(file, Path.Combine(below, "shop.db"));
            case "hard link far away":
                return HardLink(file, Path.Combine(far, "other.db"));
            case "mounted file":
                return Mount(file, Touch(Path.Combine(far, "shop.db")));
            case "file mounted in a container":
                DemandMounts(far);
                return Touch(Path.Combine(far, "shop.db"));
            case "link to the folder":
                return Path.Combine(Directory.CreateSymbolicLink(Path.Combine(far, "link"), folder).FullName, Path.GetFileName(file));
            case "link to the file":
                return File.CreateSymbolicLink(Path.Combine(far, "link.db"), file).FullName;
            case "mounted folder":
                return Path.Combine(Mount(folder, far), Path.GetFileName(file));
            case "folder mounted in a container":
                DemandMounts(far);
                return Path.Combine(far, Path.GetFileName(file));
            default:
                throw new ArgumentException(kind, nameof(kind));
        }
    }

    public static string HardLink(string file, string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        Assert.Equal(0, Run("ln", file, name));
        return name;
    }

    public string Mount(string source, string point)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "--bind", source, point) == 0, "Only root on Linux can mount.");
        mounted.Push(point);
        return point;
    }

    public void Dispose()
    {
        while (mounted.TryPop(out var point))
        {
            Run("umount", point);
        }
    }

    private void DemandMounts(string folder)
    {
        var probe = Directory.CreateDirectory(Path.Combine(folder, "probe")).FullName;
        Mount(probe, probe);
        Run("umount", mounted.Pop());
    }

    private static string Touch(string file)
    {
        File.Create(file).Dispose();
        return file;
    }

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
