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
        "Backups of the last days that are missing, damaged or not checked, until a good one was taken since.",
        IsCritical: true)
    {
        IsSeenLive = true,
        IsAskedAnew = true,
        Fields = [new HealthField(Days, "Look back", HealthFieldKind.Number, "7") { Unit = "days", Min = 1, Max = 3660 }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var days = question.Values.Number(Days) ?? 7;
        var since = time.GetUtcNow().AddDays(-days);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = question.Database!.Id;
        var open = await BackupTroubles.Open(store).Where(backup => backup.DatabaseId == database && backup.TakenAt >= since).OrderByDescending(backup => backup.TakenAt).ToListAsync(cancellationToken);
        var span = $"of the last {Words.Count((long)days, "day")}";
        var away = open.Where(backup => backup.File == BackupFile.Unreachable).ToList();
        var missing = open.Where(backup => backup.File == BackupFile.Missing).ToList();
        var damaged = open.Where(backup => backup.File == BackupFile.Altered || (backup is { File: BackupFile.Present, Level: CheckLevel.Invalid })).ToList();
        var unproven = open.Except(away).Except(missing).Except(damaged).ToList();
        List<HealthAnswer> answers = [];
        Add(away, true, "can't be reached", $"Mount the disk of {away.FirstOrDefault()?.Folder}, or back up now.");
        Add(missing, true, missing.Count == 1 ? "is missing" : "are missing", "Bring the files back, delete these backups from the list, or back up now.");
        Add(damaged, true, damaged.Count == 1 ? "is damaged" : "are damaged", "Back up now, and look at the disk of the backup folder.");
        Add(unproven, false, unproven.Count == 1 ? "was not checked or is not whole" : "were not checked or are not whole", "Check them again, or back up now.");
        if (answers.Count > 0)
        {
            return HealthAnswer.Join(answers);
        }

        var good = await store.Backups.Where(backup => backup.DatabaseId == database && backup.TakenAt >= since).ThatCount().CountAsync(cancellationToken);
        return HealthAnswer.Pass(good == 0 ? $"There is no backup {span} to check." : $"{(good == 1 ? "The one good backup" : $"{Words.Count(good)} good backups")} {span} {(good == 1 ? "is" : "are")} there and checked.");

        void Add(List<Backup> backups, bool isLost, string what, string next)
        {
            if (backups.Count > 0)
            {
                var evidence = $"{Words.Count(backups.Count, "backup")} {span} {what}: {Words.List(Names(backups))}.";
                answers.Add(isLost ? HealthAnswer.Fail(evidence, next) : HealthAnswer.Warn(evidence, next));
            }
        }
    }

    private static List<string> Names(IEnumerable<Backup> backups) => [.. backups.Select(backup => backup.FileName)];
}
