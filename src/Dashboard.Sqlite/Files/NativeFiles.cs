using System.Runtime.InteropServices;

namespace Dashboard.Sqlite.Files;

/// <summary>What libc offers and .NET does not.</summary>
internal static unsafe partial class NativeFiles
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int WriteAccess = 2;
    private const int DoNotAsk = 0x4000;
    private const int LongestPath = 4096;
    private const int GetLock = 5;
    private const short ReadLock = 0;
    private const short WriteLock = 1;

    /// <summary>0 when it worked.</summary>
    /// <param name="isCached">Takes what is known here (AT_STATX_DONT_SYNC) instead of asking a server that may not answer.</param>
    public static int Statx(string path, bool isCached, Span<byte> answer)
    {
        fixed (byte* target = answer)
        {
            return StatxCall(CurrentFolder, path, isCached ? DoNotAsk : 0, BasicStats, target);
        }
    }

    /// <summary>Where a link leads, one step; null when it is none or can't be read.</summary>
    public static string? ReadLink(string path)
    {
        var target = stackalloc byte[LongestPath];
        var length = ReadLinkCall(path, target, LongestPath);
        return length > 0 ? Marshal.PtrToStringUTF8((nint)target, (int)length) : null;
    }

    /// <summary>
    /// Whether another process holds a shared lock on these bytes of a file that is open here. It only asks: nothing is locked, opened or closed.
    /// </summary>
    public static bool IsSharedByOther(int handle, long start, long length)
    {
        var question = new FileLock { Type = WriteLock, Start = start, Length = length };
        return FcntlCall(handle, GetLock, &question) == 0 && question.Type == ReadLock;
    }

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    /// <summary>Fails silently for a user who may not give files away; the mode is what then counts.</summary>
    public static void ChangeOwner(string path, uint userId, uint groupId) => _ = ChownCall(path, userId, groupId);

    /// <summary>The path with every link in it resolved; null when a part of it is missing.</summary>
    public static string? RealPath(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }

        var resolved = RealPathCall(path, 0);
        if (resolved == 0)
        {
            return null;
        }

        try
        {
            return Marshal.PtrToStringUTF8(resolved);
        }
        finally
        {
            NativeMemory.Free((void*)resolved);
        }
    }

    /// <summary>Whether this user may write there; true where the system has no such question.</summary>
    public static bool CanWrite(string path) => OperatingSystem.IsWindows() || AccessCall(path, WriteAccess) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AccessCall(string path, int mode);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatxCall(int folder, string path, int flags, uint mask, byte* answer);

    [LibraryImport("libc", EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadLinkCall(string path, byte* target, nint length);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FcntlCall(int handle, int command, FileLock* description);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChownCall(string path, uint userId, uint groupId);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint RealPathCall(string path, nint buffer);
}
