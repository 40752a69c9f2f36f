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
public sealed class SaveSettings(DataFolder data, BackupPlaces places, IConfiguration configuration)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>As the configuration reads the same file: keys in any case, comments, a comma too many.</summary>
    private static readonly JsonNodeOptions Keys = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonDocumentOptions Text = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="consent">What was said yes to after a <see cref="FolderConsentException"/>.</param>
    /// <exception cref="FolderConsentException">When the backup folder can be taken only if somebody says so.</exception>
    /// <exception cref="DatabaseException">When a value can't be taken; nothing is changed then.</exception>
    public async Task SaveAsync(Actor actor, Settings settings, CancellationToken cancellationToken, FolderConsent consent = FolderConsent.None)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Permit.Demand(actor, Verb.EditSettings, Subject.Installation);

        var faults = new DashboardOptions { Compression = settings.Compression, UndoHours = settings.UndoHours, TrashDays = settings.TrashDays }.FindFaults();
        if (faults.Count > 0)
        {
            throw new DatabaseException(string.Join(" ", faults));
        }

        var file = await ReadAsync(cancellationToken);
        var folder = Choose(settings.BackupFolder?.Trim() ?? "", consent);
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

    /// <summary>A person says that a folder in use is the right one, although it bears no marker of ours.</summary>
    public void Use(Actor actor, string folder)
    {
        Permit.Demand(actor, Verb.EditSettings, Subject.Installation);
        places.Choose(folder, FolderConsent.Create | FolderConsent.Adopt);
    }

    /// <summary>One that stays as it was is not chosen again: its disk may be away while something else is saved.</summary>
    private string Choose(string typed, FolderConsent consent) =>
        consent == FolderConsent.None && typed == configuration[$"{DashboardOptions.Section}:{nameof(DashboardOptions.BackupFolder)}"] ? typed : places.Choose(typed, consent) ?? "";

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
