using System.Globalization;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>Where backups lie and what they are called. Names are made here and never taken from a person.</summary>
public sealed class BackupFolders(DataFolder data, BackupPlaces places, IOptionsMonitor<DashboardOptions> options)
{
    public const string ManifestExtension = ".json";

    public const string WorkExtension = ".work" + DurableFiles.PartialExtension;

    /// <summary>The folder of one database: the backup folder, and in it a folder of its name.</summary>
    public string For(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Path.Combine(RootFor(database), database.Slug);
    }

    /// <summary>The backup folder that a person chose for it.</summary>
    public string RootFor(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Path.TrimEndingDirectorySeparator(database.BackupFolder ?? data.BackupFolder(options.CurrentValue));
    }

    /// <summary>How that folder was last seen.</summary>
    public BackupPlace PlaceOf(Database database) => places.Known(RootFor(database));

    /// <summary>Creates the folder of the database, readable by its owner only, in the backup folder that was set up and nowhere else.</summary>
    /// <exception cref="DatabaseException">When that is not there, or it can't be created.</exception>
    public string Prepare(Database database)
    {
        places.Demand(RootFor(database));
        var folder = For(database);
        try
        {
            DurableFiles.CreatePrivateFolder(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The backup folder {folder} can't be created: {fault.Message}", $"Create it for the user {Environment.UserName}, or choose another backup folder in the settings.", fault);
        }

        return folder;
    }

    /// <summary>"shop_backup_20261122_020000", with "_2" and so on when that name is taken by any file of the folder.</summary>
    public static string FreeName(string folder, string slug, BackupKind kind, DateTimeOffset at) => FreeName(folder, slug, kind == BackupKind.Undo ? "undo" : "backup", at);

    /// <summary>The same of anything else that lies there.</summary>
    internal static string FreeName(string folder, string slug, string word, DateTimeOffset at)
    {
        var stem = $"{slug}_{word}_{at.UtcDateTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture)}";
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? stem : $"{stem}_{number}";
            if (!Directory.EnumerateFiles(folder, name + ".*").Any())
            {
                return name;
            }
        }
    }

    /// <summary>Refuses before the work begins when the space it needs is not there.</summary>
    /// <exception cref="DatabaseException">Naming the folder, what is needed and what is free.</exception>
    public static void DemandSpace(string folder, long bytes, string purpose)
    {
        if (DiskSpace.FreeBytes(folder) is { } free && free < bytes)
        {
            throw new DatabaseException(
                $"{purpose} needs {Words.Bytes(bytes)} in {folder}, and {Words.Bytes(free)} are free. Nothing was changed.",
                "Free some space, delete older backups, or choose another backup folder in the settings.");
        }
    }
}
