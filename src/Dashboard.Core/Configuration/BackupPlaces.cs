using System.Collections.Concurrent;
using System.Text.Json;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;

namespace Dashboard.Core.Configuration;

/// <summary>What a person has said yes to when a backup folder is chosen.</summary>
[Flags]
public enum FolderConsent
{
    None = 0,

    /// <summary>To make the folder.</summary>
    Create = 1,

    /// <summary>To take a folder that bears another mark than expected.</summary>
    Adopt = 2,
}

/// <summary>A folder can be taken only if somebody says so; nothing was changed.</summary>
public sealed class FolderConsentException(string message, string nextStep, FolderConsent needed) : DatabaseException(message, nextStep)
{
    public FolderConsent Needed => needed;
}

/// <summary>How a backup folder stands.</summary>
/// <param name="Problem">Why nothing may be written there; null when something may.</param>
/// <param name="Needed">What a person would have to say yes to, where that helps.</param>
public sealed record BackupPlace(string Folder, string? Problem, FolderConsent Needed)
{
    public const string NextStep = "Mount its disk, or choose another backup folder in the settings. If this one is right, say so there.";

    public bool IsReady => Problem is null;
}

/// <summary>
/// Knows which folders were set up for backups. Each holds a marker with the id of this installation, and the data folder keeps the list: where a
/// folder of the list bears no marker, its disk is not mounted, and what was written there would lie on another disk, where nobody looks for it.
/// </summary>
public sealed class BackupPlaces(DataFolder data)
{
    public const string MarkerName = ".dashboard-backup-folder";

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, BackupPlace> _seen = new();
    private Guid? _installation;

    private string ListFile => Path.Combine(data.Path, "backup-folders.json");

    /// <summary>As it was last seen; looked at now where it never was. The clock keeps it, so that no page waits for a dead share.</summary>
    public BackupPlace Known(string folder) => _seen.TryGetValue(folder, out var place) ? place : Look(folder);

    /// <summary>Looks at it now.</summary>
    public BackupPlace Look(string folder) => _seen[folder] = Judge(folder);

    /// <summary>Keeps what the clock found out.</summary>
    internal void Keep(BackupPlace place) => _seen[place.Folder] = place;

    internal BackupPlace Judge(string folder)
    {
        var marker = Path.Combine(folder, MarkerName);
        try
        {
            if (ReadMarker(marker) is { } owner)
            {
                return owner == Installation
                    ? new(folder, null, FolderConsent.None)
                    : new(folder, $"{folder} is the backup folder of another dashboard.", FolderConsent.Adopt);
            }

            if (IsListed(folder))
            {
                return Directory.Exists(folder)
                    ? new(folder, $"{folder} is not the backup folder that was set up: its marker {MarkerName} is missing. Is its disk mounted?", FolderConsent.Adopt)
                    : new(folder, $"The backup folder {folder} is not there. Is its disk mounted?", FolderConsent.Create | FolderConsent.Adopt);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return new(folder, $"The marker {marker} can't be read: {fault.Message}", FolderConsent.Adopt);
        }

        return folder == data.DefaultBackupFolder || Directory.Exists(folder)
            ? new(folder, null, FolderConsent.None)
            : new(folder, $"The backup folder {folder} does not exist.", FolderConsent.Create);
    }

    /// <summary>Before anything is written: the folder is the one that was set up. One that is new and there is marked now.</summary>
    /// <exception cref="DatabaseException">When it is another, or not there; nothing was created then.</exception>
    internal void Demand(string folder)
    {
        var place = Look(folder);
        if (place.Problem is { } problem)
        {
            throw new DatabaseException(problem, BackupPlace.NextStep);
        }

        if (!File.Exists(Path.Combine(folder, MarkerName)))
        {
            Mark(folder);
        }
    }

    /// <summary>A folder that a person chooses: null for none, otherwise its full path, marked and tried by writing into it.</summary>
    /// <exception cref="FolderConsentException">When it has to be made, or bears the mark of another.</exception>
    /// <exception cref="DatabaseException">When it can't be taken.</exception>
    public string? Choose(string? typed, FolderConsent consent)
    {
        if (string.IsNullOrWhiteSpace(typed))
        {
            return null;
        }

        var folder = FullPath(typed.Trim());
        if (SystemFolders.FaultOf(folder) is { } fault)
        {
            throw new DatabaseException(fault, "Choose a folder of its own, such as /srv/backups or /mnt/nas/backups.");
        }

        if (!Directory.Exists(folder) && !consent.HasFlag(FolderConsent.Create))
        {
            throw new FolderConsentException($"The folder {folder} does not exist.", "If it is on a disk of its own, mount that disk first.", FolderConsent.Create | (IsListed(folder) ? FolderConsent.Adopt : 0));
        }

        if (Directory.Exists(folder) && Look(folder) is { Problem: { } problem } && !consent.HasFlag(FolderConsent.Adopt))
        {
            throw new FolderConsentException(problem, "Use it only if backups are to go there from now on.", FolderConsent.Adopt);
        }

        Try(folder);
        Mark(folder);
        return folder;
    }

    /// <summary>Writes the marker, remembers the folder.</summary>
    internal void Mark(string folder)
    {
        try
        {
            DurableFiles.CreatePrivateFolder(folder);
            Write(Path.Combine(folder, MarkerName), JsonSerializer.Serialize(new Marker(Installation, "The dashboard writes backups only into a folder with this file. Leave it here.")));
            Remember(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The backup folder {folder} can't be written: {fault.Message}", $"Create it for the user {Environment.UserName}, or choose another backup folder in the settings.", fault);
        }

        Look(folder);
    }

    internal bool IsListed(string folder)
    {
        lock (_gate)
        {
            return ReadList().Contains(folder);
        }
    }

    /// <summary>From now on the folder counts as set up, whether its disk is there or not.</summary>
    internal void Remember(string folder)
    {
        lock (_gate)
        {
            var list = ReadList();
            if (!list.Contains(folder))
            {
                Write(ListFile, JsonSerializer.Serialize(list.Append(folder)));
            }
        }
    }

    /// <summary>Who moves the data folder moves the installation; a new data folder is a new one.</summary>
    private Guid Installation
    {
        get
        {
            lock (_gate)
            {
                return _installation ??= ReadInstallation();
            }
        }
    }

    private Guid ReadInstallation()
    {
        var file = Path.Combine(data.Path, "installation");
        if (File.Exists(file) && Guid.TryParse(File.ReadAllText(file), out var id))
        {
            return id;
        }

        id = Guid.NewGuid();
        Write(file, id.ToString());
        return id;
    }

    private List<string> ReadList() => File.Exists(ListFile) ? JsonSerializer.Deserialize<List<string>>(File.ReadAllText(ListFile)) ?? [] : [];

    private static Guid? ReadMarker(string file) => File.Exists(file) ? JsonSerializer.Deserialize<Marker>(File.ReadAllText(file))?.Installation : null;

    /// <summary>Either the old or the new content is there after a crash.</summary>
    private static void Write(string file, string text)
    {
        var partial = file + DurableFiles.PartialExtension;
        File.Delete(partial);
        using (var stream = DurableFiles.CreatePrivate(partial))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, file, overwrite: true);
        DurableFiles.SyncFolder(Path.GetDirectoryName(file)!);
    }

    private static string FullPath(string typed)
    {
        if (!Path.IsPathFullyQualified(typed))
        {
            throw new DatabaseException($"“{typed}” is not a full path.", "Give the backup folder from the root on, such as /srv/backups.");
        }

        try
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(typed));
        }
        catch (ArgumentException fault)
        {
            throw new DatabaseException($"The folder {typed} can't be used: {fault.Message}", "Choose another.", fault);
        }
    }

    private static void Try(string folder)
    {
        try
        {
            DurableFiles.CreatePrivateFolder(folder);
            var probe = Path.Combine(folder, $".dashboard-{Guid.NewGuid():N}{DurableFiles.PartialExtension}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The folder {folder} can't be written: {fault.Message}", $"Create it for the user {Environment.UserName}, or choose another.", fault);
        }
    }

    private sealed record Marker(Guid Installation, string Note);
}
