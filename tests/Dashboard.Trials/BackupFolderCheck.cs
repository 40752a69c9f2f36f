using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Files;

namespace Dashboard.Trials;

/// <summary>Files, manifests and inventory must say the same, to the byte; what has been read once is not read again.</summary>
internal sealed class BackupFolderCheck(string backups, string scratch)
{
    private readonly HashSet<string> _proved = [];

    /// <summary>Checks everything there; returns what the new ledger backups hold, by id.</summary>
    /// <exception cref="TrialException">When half a file looks whole, or a whole one is not known.</exception>
    public async Task<IReadOnlyDictionary<Guid, LedgerContent>> DemandConsistentAsync(IReadOnlyList<Backup> inventory, long fromNumber)
    {
        var rows = inventory.ToDictionary(backup => Path.Combine(backup.Folder, backup.FileName));
        var manifests = new Dictionary<string, BackupManifest>();
        var files = Directory.EnumerateFiles(backups, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != BackupPlaces.MarkerName).ToList();
        foreach (var file in files.Where(file => file.EndsWith(BackupFolders.ManifestExtension, StringComparison.Ordinal)))
        {
            var manifest = await BackupManifest.ReadAsync(file, CancellationToken.None) ?? throw new TrialException($"{file} is no manifest.");
            manifests.Add(Path.Combine(Path.GetDirectoryName(file)!, manifest.File), manifest);
        }

        foreach (var file in files.Where(file => !file.EndsWith(BackupFolders.ManifestExtension, StringComparison.Ordinal)))
        {
            Demand(!file.Contains(DurableFiles.PartialExtension, StringComparison.Ordinal), $"{file} was left behind.");
            Demand(manifests.ContainsKey(file), $"{file} has no manifest.");
        }

        foreach (var file in rows.Keys.Concat(manifests.Keys))
        {
            Demand(File.Exists(file), $"{file} is gone, and a manifest or a row promises it.");
            Demand(rows.TryGetValue(file, out var row), $"{file} is not in the inventory.");
            Demand(manifests.TryGetValue(file, out var manifest) && manifest.Id == row!.Id && manifest.Sha256 == row.Sha256, $"Manifest and inventory differ on {file}.");
        }

        var found = new Dictionary<Guid, LedgerContent>();
        foreach (var (file, row) in rows.Where(pair => !_proved.Contains(pair.Key)))
        {
            if (await ReadAsync(file, row, fromNumber) is { } content)
            {
                found.Add(row.Id, content);
            }

            _proved.Add(file);
        }

        return found;
    }

    private async Task<LedgerContent?> ReadAsync(string file, Backup row, long fromNumber)
    {
        Demand(row.Level >= CheckLevel.Structure && row.Problem is null, $"{file} is of level {row.Level}: {row.Problem}");
        var plain = Path.Combine(scratch, row.Id.ToString("N"));
        try
        {
            ArtefactReading reading;
            await using (var target = DurableFiles.CreatePrivate(plain))
            {
                reading = await Artefact.ReadAsync(file, row.Compression, target, null, CancellationToken.None);
            }

            Demand(new FileInfo(file).Length == row.SizeBytes && reading.Sha256 == row.Sha256, $"{file} is not what its manifest says.");
            Demand(reading.ContentSha256 == row.ContentSha256 && reading.ContentBytes == row.ContentBytes, $"The content of {file} is not what its manifest says.");
            if (!row.FileName.StartsWith("ledger-", StringComparison.Ordinal))
            {
                return null;
            }

            var content = LedgerFile.Read(plain, fromNumber);
            Demand(content.Journal == "delete", $"The content of {file} is in journal mode {content.Journal} and can't be opened from a read-only place.");
            return content;
        }
        catch (InvalidDataException fault)
        {
            throw new TrialException($"{file} looks whole and is not: {fault.Message}", fault);
        }
        finally
        {
            File.Delete(plain);
        }
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}
