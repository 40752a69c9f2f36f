using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>
/// Backups of a database that are listed and do not count. One is in here from the moment it is found until it is good again, is deleted,
/// or a good backup was taken since: then nobody is asked for anything.
/// </summary>
/// <param name="Unproven">Not checked, or not whole.</param>
public sealed record BackupTroubles(int Damaged, int Missing, int Unreachable, int Unproven)
{
    public static BackupTroubles None { get; } = new(0, 0, 0, 0);

    /// <summary>What keeps the newest one that is not proven from being whole; null when nothing is known to.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether something that was there is lost, rather than never proven.</summary>
    public bool IsLoss => Damaged + Missing + Unreachable > 0;

    public bool IsAny => IsLoss || Unproven > 0;

    /// <summary>"1 damaged, 1 missing".</summary>
    public string Counts => string.Join(", ", new[] { (Damaged, "damaged"), (Missing, "missing"), (Unreachable, "not reachable"), (Unproven, "not proven whole") }
        .Where(part => part.Item1 > 0).Select(part => $"{Words.Count(part.Item1)} {part.Item2}"));

    /// <summary>Whose backups they are, by database; one without any is not among them.</summary>
    internal static async Task<Dictionary<Guid, BackupTroubles>> ReadAsync(DashboardStore store, IQueryable<Database> databases, CancellationToken cancellationToken)
    {
        var counted = await Open(store).Where(backup => databases.Any(database => database.Id == backup.DatabaseId))
            .GroupBy(backup => new { backup.DatabaseId, backup.File, IsDamaged = backup.Level == CheckLevel.Invalid })
            .Select(group => new { group.Key.DatabaseId, group.Key.File, group.Key.IsDamaged, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var reasons = await ReadReasonsAsync(store, [.. counted.Where(part => part is { File: BackupFile.Present, IsDamaged: false }).Select(part => part.DatabaseId)], cancellationToken);
        return counted.GroupBy(part => part.DatabaseId).ToDictionary(parts => parts.Key, parts => parts
            .Aggregate(None with { Reason = reasons.GetValueOrDefault(parts.Key) }, (sum, part) => (part.File, part.IsDamaged) switch
            {
                (BackupFile.Missing, _) => sum with { Missing = sum.Missing + part.Count },
                (BackupFile.Unreachable, _) => sum with { Unreachable = sum.Unreachable + part.Count },
                (BackupFile.Altered, _) or (_, true) => sum with { Damaged = sum.Damaged + part.Count },
                _ => sum with { Unproven = sum.Unproven + part.Count },
            }));
    }

    private static async Task<Dictionary<Guid, string>> ReadReasonsAsync(DashboardStore store, List<Guid> databases, CancellationToken cancellationToken)
    {
        if (databases.Count == 0)
        {
            return [];
        }

        var unproven = await Open(store)
            .Where(backup => databases.Contains(backup.DatabaseId) && backup.Problem != null && backup.Level != CheckLevel.Invalid && backup.File == BackupFile.Present)
            .Select(backup => new { backup.DatabaseId, backup.TakenAt, backup.Problem })
            .ToListAsync(cancellationToken);
        return unproven.GroupBy(backup => backup.DatabaseId).ToDictionary(backups => backups.Key, backups => backups.MaxBy(backup => backup.TakenAt)!.Problem!);
    }

    /// <summary>The backups themselves. When it was found counts, not when the backup was taken: one taken before may have the same fault.</summary>
    internal static IQueryable<Backup> Open(DashboardStore store) => store.Backups.AsNoTracking()
        .Where(backup => backup.Kind == BackupKind.Backup && backup.DeletedAt == null
            && (backup.Level < CheckLevel.Structure || backup.Problem != null || backup.File != BackupFile.Present))
        .Where(backup => !store.Backups.Where(GoodBackup.Rule).Any(good => good.DatabaseId == backup.DatabaseId && good.DeletedAt == null
            && good.TakenAt > (backup.FileSince ?? (backup.Level == CheckLevel.Invalid ? backup.CheckedAt : backup.TakenAt))));
}
