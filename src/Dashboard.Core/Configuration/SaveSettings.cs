using System.Text.Json;
using System.Text.Json.Nodes;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Microsoft.Extensions.Configuration;

namespace Dashboard.Core.Configuration;

/// <param name="BackupFolder">Empty or null: "backups" in the data folder.</param>
public sealed record Settings(string? BackupFolder, Compression Compression, int UndoHours, int TrashDays);

/// <summary>Writes what the settings page holds into dashboard.json of the data folder, where an upgrade leaves it alone.</summary>
public sealed class SaveSettings(DataFolder data, IConfiguration configuration)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>As the configuration reads the same file: keys in any case, comments, a comma too many.</summary>
    private static readonly JsonNodeOptions Keys = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonDocumentOptions Text = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="DatabaseException">When a value can't be taken; nothing is changed then.</exception>
    public async Task SaveAsync(Actor actor, Settings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Permit.Demand(actor, Verb.EditSettings, Subject.Installation);

        var folder = await DemandFolderAsync(settings.BackupFolder, cancellationToken) ?? "";
        var faults = new DashboardOptions { BackupFolder = folder, Compression = settings.Compression, UndoHours = settings.UndoHours, TrashDays = settings.TrashDays }.FindFaults();
        if (faults.Count > 0)
        {
            throw new DatabaseException(string.Join(" ", faults));
        }

        var file = await ReadAsync(cancellationToken);
        var section = file[DashboardOptions.Section] as JsonObject ?? [];
        file[DashboardOptions.Section] = section;
        Set(nameof(DashboardOptions.BackupFolder), folder);
        Set(nameof(DashboardOptions.Compression), settings.Compression.ToString());
        Set(nameof(DashboardOptions.UndoHours), settings.UndoHours);
        Set(nameof(DashboardOptions.TrashDays), settings.TrashDays);
        await DurableFiles.ReplaceAsync(data.SettingsFile, JsonSerializer.SerializeToUtf8Bytes(file, Json), cancellationToken);
        (configuration as IConfigurationRoot)?.Reload();

        void Set(string key, JsonNode value)
        {
            // The configuration also takes the flat form; one key in both forms would keep the next start from reading the file.
            file.Remove($"{DashboardOptions.Section}:{key}");
            section[key] = value;
        }
    }

    /// <summary>Null for none given; otherwise the full path, created and tried by writing into it.</summary>
    /// <exception cref="DatabaseException">When it is no full path or can't be written.</exception>
    public static async Task<string?> DemandFolderAsync(string? folder, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(folder))
        {
            return null;
        }

        var trimmed = folder.Trim();
        if (!Path.IsPathFullyQualified(trimmed))
        {
            throw new DatabaseException($"“{trimmed}” is not a full path.", "Give the backup folder from the root on, such as /srv/backups.");
        }

        var full = trimmed;
        try
        {
            full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(trimmed));
            Directory.CreateDirectory(full);
            var probe = Path.Combine(full, $".dashboard-{Guid.NewGuid():N}{DurableFiles.PartialExtension}");
            await File.WriteAllTextAsync(probe, "", cancellationToken);
            File.Delete(probe);
            return full;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DatabaseException($"The folder {full} can't be written: {fault.Message}", $"Create it for the user {Environment.UserName}, or choose another.", fault);
        }
    }

    private async Task<JsonObject> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(data.SettingsFile))
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(await File.ReadAllTextAsync(data.SettingsFile, cancellationToken), Keys, Text) as JsonObject ?? [];
        }
        catch (JsonException fault)
        {
            throw new DatabaseException($"The settings file {data.SettingsFile} can't be read: {fault.Message}", "Mend it, or move it away; nothing was changed.", fault);
        }
    }
}
