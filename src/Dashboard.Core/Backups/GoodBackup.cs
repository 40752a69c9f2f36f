using System.Linq.Expressions;

namespace Dashboard.Core.Backups;

/// <summary>
/// The one rule of a backup that can be counted on. Status, age, "protected", retention, delete rule and health checks all use it: a second
/// wording of it somewhere would be a green that is not true.
/// </summary>
public static class GoodBackup
{
    /// <summary>
    /// Asked for (an undo copy is what a restore replaced), read back, whole, not found damaged, and its file is where it was put.
    /// Notes do not matter. Whether it lies in "Recently deleted" is asked beside it: such a one is good and counts for nothing.
    /// </summary>
    public static Expression<Func<Backup, bool>> Rule { get; } = backup =>
        backup.Kind == BackupKind.Backup && backup.Level >= CheckLevel.Structure && backup.Problem == null && backup.File == BackupFile.Present;

    private static readonly Func<Backup, bool> Compiled = Rule.Compile();

    public static bool Is(Backup backup) => Compiled(backup);

    /// <summary>Those that count: good, and not deleted.</summary>
    internal static IQueryable<Backup> ThatCount(this IQueryable<Backup> backups) => backups.Where(backup => backup.DeletedAt == null).Where(Rule);

    /// <summary>Why nothing can be restored from it, with what to do; null when something may. One that is only not whole can be restored.</summary>
    public static string? BlockerOf(Backup backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        return (backup.Level, backup.File) switch
        {
            (CheckLevel.Invalid, _) => "This backup was found damaged and can't be restored. Use another backup.",
            (_, BackupFile.Missing) => $"The backup file {backup.FilePath} is missing. Bring it back, or use another backup.",
            (_, BackupFile.Unreachable) => $"The folder {backup.Folder} can't be reached. Mount its disk, or use another backup.",
            (_, BackupFile.Altered) => $"The backup file {backup.FilePath} is not {Databases.Words.Bytes(backup.SizeBytes)} long any more: it is damaged. Bring the whole file back, or use another backup.",
            _ => null,
        };
    }
}
