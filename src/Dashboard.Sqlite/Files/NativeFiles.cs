using System.Runtime.InteropServices;

namespace Dashboard.Sqlite.Files;

/// <summary>What libc offers and .NET does not.</summary>
internal static unsafe partial class NativeFiles
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int WriteAccess = 2;

    /// <summary>0 when it worked.</summary>
    public static int Statx(string path, Span<byte> answer)
    {
        fixed (byte* target = answer)
        {
            return StatxCall(CurrentFolder, path, 0, BasicStats, target);
        }
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

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChownCall(string path, uint userId, uint groupId);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint RealPathCall(string path, nint buffer);
}
