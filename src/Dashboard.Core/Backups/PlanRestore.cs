using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>What a person reads before a restore.</summary>
/// <param name="Tables">Rows of each table in the backup and now.</param>
/// <param name="NowIsComplete">False when not every table could be counted in time.</param>
/// <param name="NowProblem">Why nothing could be counted now.</param>
/// <param name="Users">Other processes that have the database open; null where it can't be told.</param>
/// <param name="WritersWait">How long writers will wait, judged by how fast this machine copied the database last; null when it never did.</param>
/// <param name="NeedsName">Whether the name has to be typed.</param>
/// <param name="Blocker">Why it can't be done, with what to do.</param>
public sealed record RestorePlan(
    Database Database,
    Backup Backup,
    TimeSpan Age,
    IReadOnlyList<TableChange> Tables,
    bool NowIsComplete,
    string? NowProblem,
    IReadOnlyList<DatabaseUser>? Users,
    IReadOnlyList<SpaceNeed> Space,
    TimeSpan? WritersWait,
    bool ReadersWaitToo,
    bool HasUndo,
    string? LiveProblem,
    TimeSpan UndoFor,
    bool NeedsName,
    string? Blocker)
{
    public bool CanRun => Blocker is null;

    public bool IsLiveReadable { get; init; } = true;

    /// <summary>Whether those who use the database lose their connection.</summary>
    public bool EndsSessions { get; init; }

    /// <summary>Whether what is there now stays as it is, under another name, instead of being copied first.</summary>
    public bool KeepsBeside { get; init; }

    /// <summary>Why no new database can be made of it; null when one can or that can't be told.</summary>
    public string? CopyBlocker { get; init; }

    /// <summary>Whether the login lacks something that another one, given for this restore, could have.</summary>
    public bool WantsLogin { get; init; }

    /// <summary>Why owners and rights can't be as the backup has them; it could be restored without them. Null when they can.</summary>
    public string? OwnersProblem { get; init; }

    /// <summary>What will differ from before although the restore succeeds.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What of the backup the login can't restore.</summary>
    public IReadOnlyList<RestoreGap> Gaps { get; init; } = [];
}

/// <param name="Backup">Rows in the backup, null when the table is not in it.</param>
/// <param name="Now">Rows now, null when the table is not there or was not counted.</param>
public sealed record TableChange(string Table, long? Backup, long? Now)
{
    /// <summary>False when the table was not counted: then nobody knows what would change.</summary>
    public bool IsNowKnown { get; init; } = true;

    public long? Change => !IsNowKnown || (Backup is null && Now is null) ? null : (Backup ?? 0) - (Now ?? 0);
}

/// <param name="Free">Null where the platform can't tell.</param>
/// <param name="Folder">Null when the disk is another machine's.</param>
public sealed record SpaceNeed(string Purpose, string? Folder, long Needed, long? Free)
{
    public bool IsThere => Free is null || Free >= Needed;
}

public sealed class PlanRestore(
    IDbContextFactory<DashboardStore> stores,
    EngineCatalog engines,
    LendLogin lend,
    BackupFolders folders,
    WatchBackupFiles files,
    IOptionsMonitor<DashboardOptions> options,
    TimeProvider time)
{
    /// <summary>Null when there is no such backup.</summary>
    /// <param name="login">Another login that the restore is to use.</param>
    public async Task<RestorePlan?> PlanAsync(Actor actor, Guid backupId, CancellationToken cancellationToken, Login? login = null)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backup = await store.Backups.AsNoTracking().FirstOrDefaultAsync(row => row.Id == backupId && row.DeletedAt == null, cancellationToken);
        if (backup is null)
        {
            return null;
        }

        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == backup.DatabaseId, cancellationToken);
        Permit.Demand(actor, Verb.RestoreBackup, database.Subject);

        await files.LookAtAsync([backup], cancellationToken);
        var engine = engines.For(database);
        await using var lent = lend.EngineFor(database, login);
        var outlook = await lent.Engine.LookAheadAsync(database.Location, backup.ContentBytes, await ReadIdentity.RunAsync(engine, backup, cancellationToken), cancellationToken);
        var (now, problem) = await CountNowAsync(engine, database, cancellationToken);
        var keepsBeside = engine.PlaceUndoBeside(database.Location, time.GetUtcNow()) is not null;
        var space = Space(backup, database, outlook, keepsBeside);
        var hasUndo = outlook.IsLiveReadable && outlook.CanUndo && outlook.LiveBytes > 0;

        return new RestorePlan(
            database,
            backup,
            time.GetUtcNow() - backup.TakenAt,
            Compare(TableCounts.Read(backup.Rows), now),
            now?.IsComplete ?? false,
            problem,
            await engine.FindUsersAsync(database.Location, cancellationToken),
            space,
            await JudgeWaitAsync(store, database.Id, outlook.LiveBytes + backup.ContentBytes, cancellationToken),
            outlook.ReadersWaitToo,
            hasUndo,
            outlook.LiveProblem ?? outlook.NoUndoBecause,
            TimeSpan.FromHours(options.CurrentValue.UndoHours),
            AskForRestore.NeedsName(database, outlook),
            AskForRestore.Blocker(database, outlook)
                ?? GoodBackup.BlockerOf(backup)
                ?? (hasUndo && !keepsBeside && folders.PlaceOf(database).Problem is { } away ? $"What is there now can't be kept for the undo. {away}" : null)
                ?? ShortOf(space))
        {
            IsLiveReadable = outlook.IsLiveReadable,
            EndsSessions = outlook.EndsSessions,
            KeepsBeside = keepsBeside,
            Warnings =
            [
                .. backup.Problem is { } missing ? [$"The backup is not good: {missing}"] : Array.Empty<string>(),
                .. outlook.Warnings.Union(backup.NoteList),
            ],
            OwnersProblem = outlook.OwnersProblem,
            CopyBlocker = outlook.CopyBlocker,
            Gaps = outlook.Gaps,
            WantsLogin = lend.CanLend(database) && (outlook.LoginProblem is not null || outlook.IsOwnersProblemOfLogin || outlook.Gaps.Count > 0),
        };
    }

    /// <summary>Pure: every table of either side, changed ones first.</summary>
    internal static IReadOnlyList<TableChange> Compare(IReadOnlyList<TableRows> backup, RowCounts? now)
    {
        var before = backup.ToDictionary(table => table.Table, table => table.Rows);
        var today = (now?.Tables ?? []).ToDictionary(table => table.Table, table => table.Rows);
        return
        [
            .. before.Keys.Union(today.Keys)
                .Select(table => new TableChange(table, before.TryGetValue(table, out var was) ? was : null, today.TryGetValue(table, out var rows) ? rows : null)
                {
                    IsNowKnown = now?.IsComplete == true || today.ContainsKey(table),
                })
                .OrderByDescending(table => Math.Abs(table.Change ?? 0))
                .ThenBy(table => table.Table, StringComparer.Ordinal),
        ];
    }

    private async Task<(RowCounts? Now, string? Problem)> CountNowAsync(IDatabaseEngine engine, Database database, CancellationToken cancellationToken)
    {
        try
        {
            return (await engine.CountRowsAsync(database.Location, TimeSpan.FromSeconds(options.CurrentValue.CountSeconds), cancellationToken), null);
        }
        catch (DatabaseException fault)
        {
            return (null, fault.Message);
        }
    }

    private IReadOnlyList<SpaceNeed> Space(Backup backup, Database database, RestoreOutlook outlook, bool keepsBeside)
    {
        var folder = folders.For(database);
        var unpacked = new SpaceNeed("The unpacked backup", backup.Folder, backup.ContentBytes, DiskSpace.FreeBytes(backup.Folder));
        var isCopied = outlook.IsLiveReadable && outlook.CanUndo && !keepsBeside;
        var undo = new SpaceNeed("The exact copy for the undo", folder, isCopied ? outlook.LiveBytes : 0, DiskSpace.FreeBytes(folder));
        var live = new SpaceNeed("The restore itself", outlook.LiveFolder, outlook.LiveDiskBytesNeeded, outlook.LiveFolder is null ? null : DiskSpace.FreeBytes(outlook.LiveFolder));

        // Needs that fall on one disk are met only together.
        List<SpaceNeed> needs = [unpacked, undo, live];
        return [.. needs.Select(need => need with { Free = need.Free - needs.TakeWhile(other => other != need).Where(other => other.Folder is not null && need.Folder is not null && DiskSpace.ShareADisk(other.Folder, need.Folder) == true).Sum(other => other.Needed) })];
    }

    private static string? ShortOf(IReadOnlyList<SpaceNeed> space) =>
        space.FirstOrDefault(need => !need.IsThere) is { } needed
            ? $"{needed.Purpose} needs {Words.Bytes(needed.Needed)} in {needed.Folder}, and {Words.Bytes(Math.Max(0, needed.Free ?? 0))} are left for it. Free some space, or choose another backup folder."
            : null;

    /// <summary>Writers wait for the undo copy and the content; both go about as fast as the last copy of this database went.</summary>
    private static async Task<TimeSpan?> JudgeWaitAsync(DashboardStore store, Guid databaseId, long bytes, CancellationToken cancellationToken)
    {
        var copies = await store.RunPhases.AsNoTracking()
            .Where(phase => phase.Name == "Copying" && phase.Bytes > 0 && phase.EndedAt != null)
            .Join(store.Runs.Where(run => run.SubjectId == databaseId), phase => phase.RunId, run => run.Id, (phase, run) => phase)
            .OrderByDescending(phase => phase.Id)
            .Take(5)
            .ToListAsync(cancellationToken);
        var seconds = copies.Sum(phase => (phase.EndedAt!.Value - phase.StartedAt).TotalSeconds);
        return seconds > 0 ? TimeSpan.FromSeconds(bytes * seconds / copies.Sum(phase => phase.Bytes!.Value)) : null;
    }
}
