using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health.Checks;

/// <summary>Whether the backups of the last days are there and were checked.</summary>
internal sealed class BackupsCheckedCheck(IDbContextFactory<DashboardStore> stores, TimeProvider time) : IDatabaseHealthCheck
{
    private const string Days = "days";

    public HealthDescription Description { get; } = new(
        "backups-checked",
        "Backups not checked",
        "The backups of the last days: whether their files are where they were put, and whether each was checked and found good.",
        IsCritical: true)
    {
        Fields = [new HealthField(Days, "Look back", HealthFieldKind.Number, "7") { Unit = "days", Min = 1, Max = 3660 }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var days = question.Values.Number(Days) ?? 7;
        var since = time.GetUtcNow().AddDays(-days);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backups = await BackupAgeCheck.BackupsOf(store, question.Database!).Where(backup => backup.TakenAt >= since).OrderByDescending(backup => backup.TakenAt).ToListAsync(cancellationToken);
        var gone = Names(backups.Where(backup => !File.Exists(Path.Combine(backup.Folder, backup.FileName))));
        var damaged = Names(backups.Where(backup => backup.Level == CheckLevel.Invalid));
        var open = Names(backups.Where(backup => backup is { Level: not CheckLevel.Invalid, IsGood: false }));
        var span = $"of the last {Words.Count((long)days, "day")}";
        return gone.Count > 0 ? HealthAnswer.Fail($"{Words.Count(gone.Count, "backup")} {span} {(gone.Count == 1 ? "is" : "are")} not where {(gone.Count == 1 ? "it was" : "they were")} put: {Words.List(gone)}.", "Bring the files back, or delete these backups from the list and back up now.")
            : damaged.Count > 0 ? HealthAnswer.Fail($"{Words.Count(damaged.Count, "backup")} {span} {(damaged.Count == 1 ? "is" : "are")} damaged: {Words.List(damaged)}.", "Back up now, and look at the disk of the backup folder.")
            : open.Count > 0 ? HealthAnswer.Warn($"{Words.Count(open.Count, "backup")} {span} {(open.Count == 1 ? "was" : "were")} not checked, or only with warnings: {Words.List(open)}.", "Open the page of its backups and check them.")
            : HealthAnswer.Pass(backups.Count == 0 ? $"There is no backup {span} to check." : $"{(backups.Count == 1 ? "The one backup" : $"All {Words.Count(backups.Count, "backup")}")} {span} {(backups.Count == 1 ? "is" : "are")} there and checked.");
    }

    private static List<string> Names(IEnumerable<Backup> backups) => [.. backups.Select(backup => backup.FileName)];
}
