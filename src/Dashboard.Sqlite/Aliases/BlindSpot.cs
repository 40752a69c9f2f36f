using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Aliases;

/// <summary>Why not every process of this machine can be seen.</summary>
internal static class BlindSpot
{
    /// <summary>PROC_PID_INIT_INO of Linux: the number of the namespace of all processes. A container has one of its own.</summary>
    private const string AllProcesses = "pid:[4026531836]";

    /// <summary>Null when all can be seen: their mounts and locks at least, which no user has to be asked for.</summary>
    public static AliasFinding? Find() =>
        !OperatingSystem.IsLinux() || !Directory.Exists("/proc/self/fd") ? Say("This system does not tell which programs have a file open.", "Let the application use the file under this path only.")
        : NativeFiles.ReadLink("/proc/self/ns/pid") != AllProcesses ? Say("The dashboard runs in a container and cannot see processes outside it.", "Give the container the host's processes (--pid=host), and mount whole folders, not single files.")
        : !CanRead("/proc/1/mountinfo") ? Say("Processes of other users are hidden on this machine (hidepid).", "Add the dashboard's user to the group that may see them (option gid of /proc).")
        : !CanRead("/proc/locks") ? Say("This system does not tell which programs have a file locked.", "Let the application use the file under this path only.")
        : null;

    public static AliasFinding Say(string problem, string wayOut) =>
        new(AliasHarm.Unseen, $"{problem} An application that uses the file under another name, or with a deleted WAL, would not be noticed.", wayOut);

    private static bool CanRead(string file)
    {
        try
        {
            _ = File.ReadLines(file).FirstOrDefault();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
