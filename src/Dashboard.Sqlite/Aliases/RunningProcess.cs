using System.Globalization;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Aliases;

/// <summary>Another process, as /proc shows it to this user.</summary>
internal sealed record RunningProcess(int Id)
{
    private const string Deleted = " (deleted)";

    private string Folder => string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}");

    /// <summary>"node (process 4711)".</summary>
    public string Words => $"{Name} (process {Id.ToString(CultureInfo.InvariantCulture)})";

    public string Name
    {
        get
        {
            try
            {
                return File.ReadAllText($"{Folder}/comm").TrimEnd('\n');
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return "unknown";
            }
        }
    }

    /// <summary>All but this one.</summary>
    public static IEnumerable<RunningProcess> All(CancellationToken cancellationToken)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId)
            {
                yield return new RunningProcess(id);
            }
        }
    }

    /// <summary>Files with a name that it has open; null where this user may not see them, or it has just ended.</summary>
    public IReadOnlyList<OpenFile>? ReadOpenFiles()
    {
        try
        {
            return [.. Directory.EnumerateFiles($"{Folder}/fd").Select(ReadHandle).OfType<OpenFile>()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A folder of the path that this process sees.</summary>
    public FileId? IdOfFolder(string path) => FileOwner.OfHandle($"{Folder}/root{Path.GetDirectoryName(path)}")?.Id;

    /// <summary>What it has mounted; null where this user may not see it. The first line tells whether another process has the same.</summary>
    public IReadOnlyList<Mount>? ReadMounts(HashSet<int> known)
    {
        try
        {
            var file = MountTable.Of(Id);
            return MountTable.Parse(File.ReadLines(file).FirstOrDefault() ?? "") is [var first] && !known.Add(first.Id)
                ? []
                : MountTable.Parse(File.ReadAllText(file));
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static OpenFile? ReadHandle(string handle)
    {
        if (NativeFiles.ReadLink(handle) is not ['/', ..] target || FileOwner.OfHandle(handle) is not { IsRegularFile: true } file)
        {
            return null;
        }

        var isDeleted = target.EndsWith(Deleted, StringComparison.Ordinal);
        return new OpenFile(isDeleted ? target[..^Deleted.Length] : target, isDeleted, file.Id);
    }
}
