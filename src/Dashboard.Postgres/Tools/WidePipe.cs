using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Dashboard.Postgres.Tools;

/// <summary>
/// What a tool writes, through a pipe as wide as the system allows: pg_dump writes a few thousand bytes at a time, and the two wait for each other less.
/// </summary>
internal static partial class WidePipe
{
    /// <summary>What Linux gives to any user (/proc/sys/fs/pipe-max-size), and what is worth reading at once.</summary>
    public const int Bytes = 1 << 20;

    /// <summary>F_SETPIPE_SZ (man 2 fcntl).</summary>
    private const int SetPipeSize = 1031;

    /// <summary>Widens it where that can be done; elsewhere it stays as it is.</summary>
    public static void Widen(Stream output)
    {
        if (OperatingSystem.IsLinux() && output is AnonymousPipeClientStream pipe)
        {
            _ = Fcntl((int)pipe.SafePipeHandle.DangerousGetHandle(), SetPipeSize, Bytes);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fcntl(int file, int command, int argument);
}
