using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;

namespace Dashboard.Core.Backups;

/// <summary>
/// What lies beside each data file, so that a backup can be understood and restored without this product and its store.
/// A data file without a manifest is not a backup: the manifest is written last.
/// </summary>
public sealed record BackupManifest
{
    public int Format { get; init; } = 1;

    public required Guid Id { get; init; }

    public required BackupKind Kind { get; init; }

    public required string File { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required double TookSeconds { get; init; }

    public required string AskedBy { get; init; }

    public Guid? RunId { get; init; }

    public required Guid DatabaseId { get; init; }

    public required string DatabaseName { get; init; }

    public required string DatabaseSlug { get; init; }

    public required string Engine { get; init; }

    public required string EngineVersion { get; init; }

    public required string Location { get; init; }

    public required Compression Compression { get; init; }

    public required long SizeBytes { get; init; }

    public required string Sha256 { get; init; }

    public required long ContentBytes { get; init; }

    public required string ContentSha256 { get; init; }

    public required CheckLevel Level { get; init; }

    public required IReadOnlyList<TableRows> Rows { get; init; }

    /// <summary>Rows of each table as they were counted in the database, in the snapshot that the backup is of; null where that was not asked for.</summary>
    public IReadOnlyList<TableRows>? SourceRows { get; init; }

    /// <summary>Null in manifests of before they were measured, and where the engine could not tell.</summary>
    public IReadOnlyList<StoredSize>? Sizes { get; init; }

    public required IReadOnlyDictionary<string, string> Identity { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>As in <see cref="BackupContent.Notes"/>; empty in manifests of before there were any.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Names of the files beside it that belong to it.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];

    public required string RestoreByHand { get; init; }

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },

        // A manifest without its rows, say, is none.
        RespectNullableAnnotations = true,

        // Read by people as well: names in any script stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task WriteAsync(string path, CancellationToken cancellationToken) =>
        await DurableFiles.ReplaceAsync(path, JsonSerializer.SerializeToUtf8Bytes(this, Json), cancellationToken);

    /// <summary>Null when the file is no manifest of ours.</summary>
    public static async Task<BackupManifest?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = System.IO.File.OpenRead(path);
            var manifest = await JsonSerializer.DeserializeAsync<BackupManifest>(file, Json, cancellationToken);

            // The folder may be shared: a manifest names a file beside it, never one elsewhere.
            return manifest is not null && manifest.File.Length > 0 && manifest.Companions.Append(manifest.File).All(name => name == Path.GetFileName(name)) ? manifest : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The manifest of a backup, and where it lies; null when there is none.</summary>
    internal static async Task<(string Path, BackupManifest Manifest)?> FindAsync(Backup backup, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(backup.Folder))
        {
            return null;
        }

        foreach (var path in Directory.EnumerateFiles(backup.Folder, "*" + BackupFolders.ManifestExtension))
        {
            if (await ReadAsync(path, cancellationToken) is { } manifest && manifest.Id == backup.Id)
            {
                return (path, manifest);
            }
        }

        return null;
    }

    /// <summary>What tells this database from another, for a plan; empty when its manifest is gone.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>> IdentityOfAsync(Backup backup, CancellationToken cancellationToken) =>
        (await FindAsync(backup, cancellationToken))?.Manifest.Identity ?? new Dictionary<string, string>();

    /// <summary>What kept it from being whole when it was taken.</summary>
    [JsonIgnore]
    public string? Problem => Warnings.Count == 0 ? null : string.Join(" ", Warnings);

    /// <summary>The row of the inventory that says the same.</summary>
    internal Backup ToBackup(string folder, DateTimeOffset checkedAt) => new()
    {
        Id = Id,
        DatabaseId = DatabaseId,
        RunId = RunId,
        Kind = Kind,
        Folder = folder,
        FileName = File,
        TakenAt = TakenAt,
        Took = TimeSpan.FromSeconds(TookSeconds),
        AskedBy = AskedBy,
        Compression = Compression,
        SizeBytes = SizeBytes,
        ContentBytes = ContentBytes,
        Sha256 = Sha256,
        ContentSha256 = ContentSha256,
        EngineVersion = EngineVersion,
        Rows = TableCounts.Write(Rows),
        RowTotal = Rows.Sum(table => table.Rows),
        Sizes = Sizes is null ? null : new BackupSizes { Sizes = StoredSizes.Write(Sizes) },
        Level = Level,
        CheckedAt = checkedAt,
        Problem = Problem,
        Notes = Backup.JoinNotes(Notes),
    };
}

/// <summary>Row counts as the store keeps them.</summary>
public static class TableCounts
{
    public static string Write(IReadOnlyList<TableRows> rows) => JsonSerializer.Serialize(rows);

    public static IReadOnlyList<TableRows> Read(string json) => JsonSerializer.Deserialize<List<TableRows>>(json) ?? [];
}
