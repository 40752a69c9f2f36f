using System.Collections.Concurrent;
using System.Text.Json;
using Dashboard.Core.Configuration;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>A dump that somebody gave, unpacked and recognised, until a restore has used it.</summary>
/// <param name="Name">What the file was called where it came from; for the page only.</param>
/// <param name="Bytes">Unpacked.</param>
public sealed record StagedDump(Guid Id, Guid DatabaseId, string Name, long Bytes, ForeignContent Content, DateTimeOffset StagedAt);

/// <summary>Where dumps of others lie meanwhile: a private folder, each file with its description beside it. Swept after a day and at each start.</summary>
public sealed class StagedDumps(IDbContextFactory<DashboardStore> stores, DataFolder data, TimeProvider time) : IBeforeWork
{
    private const string Extension = ".dump";

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    /// <summary>What this process has taken in: a start may still be sweeping when the first dump arrives.</summary>
    private readonly ConcurrentDictionary<Guid, bool> _own = new();

    private string Folder => Path.Combine(data.Path, "foreign");

    public Task PrepareAsync(CancellationToken cancellationToken) => SweepAsync(null, cancellationToken);

    /// <summary>Makes room for a new one, which is safe from the sweep from here on.</summary>
    internal async Task<Guid> BeginAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(KeptFor, cancellationToken);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        _own[id] = true;
        DurableFiles.CreatePrivateFolder(Folder);

        return id;
    }

    /// <summary>The description comes last: without it there is no dump.</summary>
    internal Task DescribeAsync(StagedDump dump, CancellationToken cancellationToken) =>
        DurableFiles.ReplaceAsync(FileOf(dump.Id) + BackupFolders.ManifestExtension, JsonSerializer.SerializeToUtf8Bytes(dump), cancellationToken);

    internal string FileOf(Guid id) => Path.Combine(Folder, id.ToString("N") + Extension);

    internal void Remove(Guid id) => CheckBackup.DeleteWork(FileOf(id));

    /// <summary>Null when it is not there any more.</summary>
    internal async Task<StagedDump?> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        var described = FileOf(id) + BackupFolders.ManifestExtension;
        return File.Exists(described) && File.Exists(FileOf(id)) ? JsonSerializer.Deserialize<StagedDump>(await File.ReadAllTextAsync(described, cancellationToken)) : null;
    }

    /// <param name="age">How old what is removed is at least; null for all.</param>
    private async Task SweepAsync(TimeSpan? age, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        var inUse = await InUseAsync(cancellationToken);
        if (age is null)
        {
            inUse.UnionWith(_own.Keys);
        }

        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles().ToList())
        {
            if ((age is null || file.LastWriteTimeUtc <= time.GetUtcNow().UtcDateTime - age) && !inUse.Any(id => file.Name.StartsWith(id.ToString("N"), StringComparison.Ordinal)))
            {
                file.Delete();
            }
        }
    }

    /// <summary>Those that a run is going to use.</summary>
    internal async Task<HashSet<Guid>> InUseAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var open = await store.Runs.AsNoTracking()
            .Where(run => run.State < RunState.Succeeded && (run.Job == JobKeys.RestoreForeign || run.Job == JobKeys.RestoreForeignAsNew))
            .Select(run => run.Arguments!)
            .ToListAsync(cancellationToken);
        return [.. open.Select(arguments => JsonSerializer.Deserialize<ForeignArguments>(arguments)!.DumpId)];
    }
}
