using Dashboard.Core.Databases;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.States;

/// <summary>
/// Other processes that use the database, whatever they call the file, also one of its name that is gone. Those whose open files
/// this user may not see are told by their locks. Linux only.
/// </summary>
internal static class FindUsers
{
    /// <summary>Null where it can't be told: none was found, and not all can be seen.</summary>
    public static IReadOnlyList<DatabaseUser>? Run(string location, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/proc/self/fd"))
        {
            return null;
        }

        var files = DatabaseFiles.Read(location);
        var device = MountTable.Find(files.Path)?.Device;
        var locks = LockTable.Read() ?? [];
        IReadOnlyList<DatabaseUser> users = [.. RunningProcess.All(cancellationToken).Where(IsUser).Select(process => new DatabaseUser(process.Id, process.Name))];
        return users is [] && BlindSpot.Find() is not null ? null : users;

        bool IsUser(RunningProcess process) => process.ReadOpenFiles() is { } open
            ? open.Any(file => files.IsUsedBy(process, file))
            : device is { } at && FileLocks.Of(process.Id, locks, files, at) is { HoldsFile: true } or { HoldsMemory: true };
    }
}
