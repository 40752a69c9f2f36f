using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.States;

/// <summary>Other processes that hold the database or its sidecars open, also under a name that is gone. Linux only.</summary>
internal static class FindUsers
{
    private const string Deleted = " (deleted)";

    public static IReadOnlyList<DatabaseUser>? Run(string location, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/proc/self/fd"))
        {
            return null;
        }

        var paths = Sidecars.Of(location).Append(location).ToHashSet(StringComparer.Ordinal);
        var users = new List<DatabaseUser>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
                && processId != Environment.ProcessId
                && HasOpen(folder, paths))
            {
                users.Add(new DatabaseUser(processId, NameOf(folder)));
            }
        }

        return users;
    }

    /// <summary>False too for a process that has just ended or whose handles this user may not see.</summary>
    private static bool HasOpen(string process, HashSet<string> paths)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(handle => IsOneOf(handle, paths));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOneOf(string handle, HashSet<string> paths)
    {
        if (ReadLink(handle) is not { } target)
        {
            return false;
        }

        var path = target.EndsWith(Deleted, StringComparison.Ordinal) ? target[..^Deleted.Length] : target;
        if (paths.Contains(path))
        {
            return true;
        }

        // A process in a container knows the file by another path; its number on the disk is the same.
        var namesake = paths.FirstOrDefault(candidate => Path.GetFileName(candidate) == Path.GetFileName(path));
        return namesake is not null
            && FileOwner.Of(handle) is { } open
            && FileOwner.Of(namesake) is { } ours
            && (open.Device, open.Inode) == (ours.Device, ours.Inode);
    }

    private static string? ReadLink(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).TrimEnd('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
