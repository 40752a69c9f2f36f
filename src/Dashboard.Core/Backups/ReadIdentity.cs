using Dashboard.Core.Databases;
using ZstdSharp;

namespace Dashboard.Core.Backups;

/// <summary>What tells a backup from others and what it holds, for a plan: its manifest, and its own contents read from the file, which nobody can have changed since.</summary>
internal static class ReadIdentity
{
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(IDatabaseEngine engine, Backup backup, CancellationToken cancellationToken)
    {
        var identity = await BackupManifest.IdentityOfAsync(backup, cancellationToken);
        if (engine is not IListsContents lister)
        {
            return identity;
        }

        Dictionary<string, string> all = new(identity);
        try
        {
            await using var content = Artefact.OpenContent(Path.Combine(backup.Folder, backup.FileName), backup.Compression);
            foreach (var (key, value) in await lister.ListContentsAsync(content, cancellationToken))
            {
                all[key] = value;
            }
        }
        catch (Exception fault) when (fault is DatabaseException or IOException or UnauthorizedAccessException or InvalidDataException or ZstdException)
        {
            all[RestoreOutlook.ContentsProblem] = fault.Message;
        }

        return all;
    }
}
