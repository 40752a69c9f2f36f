using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Aliases;

/// <summary>Whether another process uses this database with another WAL, or another database with this WAL. Looks at nothing but what it is given.</summary>
internal static class JudgeProcess
{
    /// <param name="open">What it has open; null where this user may not see that, and only its locks tell.</param>
    public static AliasFinding? Run(DatabaseFiles files, bool isWal, RunningProcess process, IReadOnlyList<OpenFile>? open, LockUse use)
    {
        if (open is null)
        {
            return isWal ? JudgeLocks(files, process, use) : null;
        }

        var names = open.Where(file => file.Id == files.Main?.Id).Select(file => file.Path).Distinct().ToList();
        return names is []
            ? JudgeStranger(files, isWal, process, open, use)
            : names.Select(name => JudgeName(files, isWal, process, open, use, name)).OfType<AliasFinding>().MaxBy(finding => finding.Harm);
    }

    private static AliasFinding? JudgeLocks(DatabaseFiles files, RunningProcess process, LockUse use) =>
        use.UsesOtherWal ? AliasWords.OtherWal(files.Path, process)
        : use.UsesOtherFile ? AliasWords.OtherFile(files.Path, process)
        : use is { HoldsFile: true, HoldsMemory: true } && files.Wal is null ? AliasWords.LostWal(files.Path, process)
        : null;

    private static AliasFinding? JudgeName(DatabaseFiles files, bool isWal, RunningProcess process, IReadOnlyList<OpenFile> open, LockUse use, string name)
    {
        var hasWal = files.Wal is not null && open.Any(file => file.Id == files.Wal);
        var hasMemory = files.SharedMemory is not null && open.Any(file => file.Id == files.SharedMemory);
        var hasOtherWal = open.Any(file => file.Path == name + Sidecars.WalSuffix && file.Id != files.Wal);
        var hasOtherMemory = open.Any(file => file.Path == name + Sidecars.SharedMemorySuffix && file.Id != files.SharedMemory);
        if (files.IsName(process, name))
        {
            // A connection opens its WAL before the shared memory, and closes it after: one without the other has lost it.
            return hasOtherWal || (hasMemory && !hasWal) ? AliasWords.LostWal(files.Path, process)
                : hasOtherMemory || (hasWal && !hasMemory && use.UsesOtherWal) ? AliasWords.LostMemory(files.Path, process)
                : isWal && !hasMemory && use.UsesOtherWal ? AliasWords.LostWal(files.Path, process)
                : null;
        }

        return hasOtherWal || hasOtherMemory || (isWal && !hasMemory && use.UsesOtherWal) ? AliasWords.OtherName(files.Path, name, process)
            : hasWal && hasMemory ? null
            : AliasWords.OtherNameWithoutWal(files.Path, name, process);
    }

    /// <summary>It does not have the file open: perhaps the one that had this name before.</summary>
    private static AliasFinding? JudgeStranger(DatabaseFiles files, bool isWal, RunningProcess process, IReadOnlyList<OpenFile> open, LockUse use) =>
        open.Any(file => file.IsDeleted && files.IsName(process, file.Path)) ? AliasWords.PreviousFile(files.Path, process)
        : isWal && use.UsesOtherFile ? AliasWords.OtherFile(files.Path, process)
        : null;
}
