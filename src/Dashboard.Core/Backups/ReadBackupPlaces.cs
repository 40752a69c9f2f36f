using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>A backup folder as the settings show it.</summary>
/// <param name="Disk">Null while nothing may be written there, or where the platform can't tell.</param>
/// <param name="Of">Whose backups go there.</param>
/// <param name="OnSameDisk">Those of them that the same disk would take along.</param>
public sealed record BackupPlaceRow(BackupPlace Place, DiskRoom? Disk, IReadOnlyList<Database> Of, IReadOnlyList<Database> OnSameDisk, bool IsOfSettings);

public sealed class ReadBackupPlaces(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, BackupFolders folders, BackupPlaces places, DataFolder data, IOptionsMonitor<DashboardOptions> options)
{
    /// <summary>Every folder that backups go to now, that of the settings first.</summary>
    public async Task<IReadOnlyList<BackupPlaceRow>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeBackups, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var databases = await store.Databases.AsNoTracking().Where(database => database.RemovedAt == null).OrderBy(database => database.Name).ToListAsync(cancellationToken);
        var ofSettings = data.BackupFolder(options.CurrentValue);
        return [.. databases.GroupBy(folders.RootFor).ToDictionary(root => root.Key, root => root.ToList()).Append(new(ofSettings, []))
            .DistinctBy(root => root.Key)
            .OrderBy(root => root.Key != ofSettings).ThenBy(root => root.Key, StringComparer.Ordinal)
            .Select(root => Row(root.Key, root.Value, root.Key == ofSettings))];
    }

    /// <summary>The problem of every folder that a registered database needs; empty when backups can be taken.</summary>
    public async Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var databases = await store.Databases.AsNoTracking().Where(database => database.RemovedAt == null).ToListAsync(cancellationToken);
        return [.. databases.Select(folders.RootFor).Distinct().Select(root => places.Look(root).Problem).OfType<string>()];
    }

    private BackupPlaceRow Row(string root, IReadOnlyList<Database> databases, bool isOfSettings)
    {
        var place = places.Known(root);
        return place.IsReady
            ? new(place, DiskSpace.Look(root), databases, [.. databases.Where(database => engines.For(database).FolderOf(database.Location) is { } live && DiskSpace.ShareADisk(root, live) == true)], isOfSettings)
            : new(place, null, databases, [], isOfSettings);
    }
}
