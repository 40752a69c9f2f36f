using System.Collections.Concurrent;
using Dashboard.Core.Configuration;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Backups;

/// <summary>
/// Sees whether the files of the inventory are where they were put, so that the status of a database follows a file that somebody removes
/// or a disk that goes away, and follows it back. Files are not read here: that is what a check does.
/// </summary>
public sealed partial class WatchBackupFiles(IDbContextFactory<DashboardStore> stores, BackupFolders folders, BackupPlaces places, JobFeed feed, TimeProvider time, ILogger<WatchBackupFiles> logger)
{
    /// <summary>A folder that has not changed is trusted for so long: a file that shrinks in place does not touch its folder.</summary>
    private static readonly TimeSpan TrustFor = TimeSpan.FromMinutes(5);

    /// <summary>Younger than this, a change of a folder may have had a second one behind it in the same tick of the file system's clock.</summary>
    private static readonly TimeSpan Coarsest = TimeSpan.FromSeconds(3);

    /// <summary>A share whose server is away keeps who asks waiting for minutes; after this it counts as away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Known> _known = new();
    private readonly ConcurrentDictionary<string, Task> _stuck = new();
    private readonly ConcurrentDictionary<string, BackupPlace> _told = new();
    private Task _round = Task.CompletedTask;

    /// <summary>Begins a round unless one is at work, and never waits for it: a dead share must not stop the clock.</summary>
    public void StartIfIdle(CancellationToken cancellationToken)
    {
        if (_round.IsCompleted)
        {
            _round = Task.Run(() => GuardAsync(cancellationToken), cancellationToken);
        }
    }

    /// <summary>Looks at every folder of the inventory that may be different from what is known.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        await LookAtPlacesAsync(store, cancellationToken);
        foreach (var folder in await store.Backups.Select(backup => backup.Folder).Distinct().ToListAsync(cancellationToken))
        {
            await LookIntoAsync(store, folder, cancellationToken);
        }
    }

    /// <summary>Looks at these at once, and brings them up to date. A folder in which the clock's round is stuck is not asked again.</summary>
    internal async Task LookAtAsync(IReadOnlyCollection<Backup> backups, CancellationToken cancellationToken)
    {
        foreach (var folder in backups.GroupBy(backup => backup.Folder))
        {
            await KeepAsync([.. folder], IsStuck(folder.Key) ? default : new(true, folder.Select(backup => (backup, See(backup))).ToList()), cancellationToken);
        }
    }

    /// <summary>Whether each backup folder is the one that was set up.</summary>
    private async Task LookAtPlacesAsync(DashboardStore store, CancellationToken cancellationToken)
    {
        var isNews = false;
        foreach (var root in (await store.Databases.AsNoTracking().Where(database => database.RemovedAt == null).ToListAsync(cancellationToken)).Select(folders.RootFor).Distinct())
        {
            var seen = await AskAsync(root, () => places.Judge(root), cancellationToken);
            var place = seen.Value ?? new BackupPlace(root, $"The backup folder {root} does not answer. Is its server reachable?", FolderConsent.None);
            places.Keep(place);
            isNews |= !_told.TryGetValue(root, out var told) || told != place;
            _told[root] = place;
        }

        if (isNews)
        {
            feed.Changed();
        }
    }

    private async Task LookIntoAsync(DashboardStore store, string folder, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var changed = await AskAsync<DateTime?>(folder, () => Directory.Exists(folder) ? Directory.GetLastWriteTimeUtc(folder) : null, cancellationToken);
        if (changed is { IsAnswered: true, Value: { } at } && _known.TryGetValue(folder, out var known) && known.Changed == at && now - at > Coarsest && now - known.SeenAt < TrustFor)
        {
            return;
        }

        if (changed.Value is not { } isOf)
        {
            _known.TryRemove(folder, out _);
            await KeepAsync(await store.Backups.AsNoTracking().Where(backup => backup.Folder == folder && backup.File != BackupFile.Unreachable).ToListAsync(cancellationToken), default, cancellationToken);
            return;
        }

        // The rows first, then the files: a row never comes before its file, so one that is new meanwhile is not taken for missing.
        var backups = await store.Backups.AsNoTracking().Where(backup => backup.Folder == folder).ToListAsync(cancellationToken);
        await KeepAsync(backups, await AskAsync(folder, () => backups.ConvertAll(backup => (backup, See(backup))), cancellationToken), cancellationToken);
        _known[folder] = new Known(isOf, now);
    }

    /// <summary>Writes down what is different, and tells every page.</summary>
    private async Task KeepAsync(IReadOnlyList<Backup> backups, Answer<List<(Backup Backup, BackupFile File)>> seen, CancellationToken cancellationToken)
    {
        var found = seen is { IsAnswered: true, Value: { } value } ? value : backups.Select(backup => (Backup: backup, File: BackupFile.Unreachable)).ToList();
        var now = time.GetUtcNow();
        var isNews = false;
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        foreach (var state in found.Where(one => one.Backup.File != one.File).GroupBy(one => one.File))
        {
            DateTimeOffset? since = state.Key == BackupFile.Present ? null : now;
            foreach (var part in state.Select(one => one.Backup).Chunk(MostAtOnce))
            {
                var ids = part.Select(backup => backup.Id).ToList();
                isNews |= await store.Backups.Where(backup => ids.Contains(backup.Id))
                    .ExecuteUpdateAsync(backup => backup.SetProperty(row => row.File, state.Key).SetProperty(row => row.FileSince, since), cancellationToken) > 0;
                Array.ForEach(part, backup => (backup.File, backup.FileSince) = (state.Key, since));
            }

            Seen(logger, state.Count(), state.Key, state.First().Backup.Folder);
        }

        if (isNews)
        {
            feed.Changed();
        }
    }

    /// <summary>Asks the file system on a thread of its own; one that is stuck there is asked nothing more until it is free.</summary>
    private async Task<Answer<T>> AskAsync<T>(string folder, Func<T> look, CancellationToken cancellationToken)
    {
        if (IsStuck(folder))
        {
            return default;
        }

        var asked = Task.Run(look, cancellationToken);
        try
        {
            return new Answer<T>(true, await asked.WaitAsync(Patience, cancellationToken));
        }
        catch (TimeoutException)
        {
            _stuck[folder] = asked;
            return default;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private bool IsStuck(string folder) => _stuck.TryGetValue(folder, out var stuck) && !stuck.IsCompleted;

    private BackupFile See(Backup backup)
    {
        var file = new FileInfo(backup.FilePath);

        // A link whose target is away "exists" for .NET, and its own length is that of a path.
        var target = file.Exists && file.LinkTarget is not null ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo : file;
        return target is { Exists: true } ? target.Length == backup.SizeBytes ? BackupFile.Present : BackupFile.Altered
            : Directory.Exists(backup.Folder) && !IsAway(Path.GetDirectoryName(backup.Folder)!) ? BackupFile.Missing : BackupFile.Unreachable;
    }

    /// <summary>An empty folder on which nothing is mounted holds no file that is lost.</summary>
    private bool IsAway(string root) => places.IsListed(root) && !places.Judge(root).IsReady;

    private async Task GuardAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception fault)
        {
            LookFailed(logger, fault);
        }
    }

    private const int MostAtOnce = 500;

    private readonly record struct Answer<T>(bool IsAnswered, T? Value);

    private sealed record Known(DateTime Changed, DateTimeOffset SeenAt);

    [LoggerMessage(3005, LogLevel.Warning, "{Count} backup files are now seen as {State} in {Folder}")]
    private static partial void Seen(ILogger logger, int count, BackupFile state, string folder);

    [LoggerMessage(3006, LogLevel.Error, "The files of the backups could not be looked at; the next round comes in five seconds")]
    private static partial void LookFailed(ILogger logger, Exception fault);
}
