using System.Globalization;
using System.Runtime.InteropServices;

namespace Dashboard.Sqlite.Files;

/// <summary>Whose a file is and who may use it, asked without opening it.</summary>
internal sealed record FileOwner(uint UserId, uint GroupId, int Mode, FileId Id, uint Links)
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    public bool IsRegularFile => (Mode & TypeMask) == RegularFile;

    public string UserName => NameOf(UserId);

    /// <summary>Null where the system does not tell (not Linux) or the file can't be reached.</summary>
    public static FileOwner? Of(string path) => Of(path, isCached: false);

    /// <summary>Of what a process has open (/proc/PID/fd/N). It never waits for the server of a network drive, which may be gone.</summary>
    public static FileOwner? OfHandle(string handle) => Of(handle, isCached: true);

    private static FileOwner? Of(string path, bool isCached)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> answer = stackalloc byte[256];
        if (NativeFiles.Statx(path, isCached, answer) != 0)
        {
            return null;
        }

        // struct statx is the same on every processor (man 2 statx).
        return new FileOwner(
            UserId: MemoryMarshal.Read<uint>(answer[20..]),
            GroupId: MemoryMarshal.Read<uint>(answer[24..]),
            Mode: MemoryMarshal.Read<ushort>(answer[28..]),
            Id: new FileId(FileId.NumberOf(MemoryMarshal.Read<uint>(answer[136..]), MemoryMarshal.Read<uint>(answer[140..])), MemoryMarshal.Read<ulong>(answer[32..])),
            Links: MemoryMarshal.Read<uint>(answer[16..]));
    }

    /// <summary>"it belongs to app with mode 0640".</summary>
    public static string Describe(string path) => Of(path) is { } owner
        ? $"it belongs to {owner.UserName} with mode {Convert.ToString(owner.Mode & 0xFFF, 8).PadLeft(4, '0')}"
        : "its owner can't be told from here";

    /// <summary>Gives a new file the owner and the mode of the one that it stands in for, as far as this user may.</summary>
    /// <param name="mask">Which bits of the mode are taken over.</param>
    public static void Copy(string from, string to, int mask = 0xFFF)
    {
        if (!OperatingSystem.IsWindows() && Of(from) is { } owner)
        {
            NativeFiles.ChangeOwner(to, owner.UserId, owner.GroupId);
            File.SetUnixFileMode(to, (UnixFileMode)(owner.Mode & mask));
        }
    }

    private static string NameOf(uint userId)
    {
        var number = userId.ToString(CultureInfo.InvariantCulture);
        try
        {
            return File.ReadLines("/etc/passwd")
                .Select(line => line.Split(':'))
                .FirstOrDefault(fields => fields.Length > 2 && fields[2] == number)?[0] ?? $"user {number}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"user {number}";
        }
    }
}
