using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Locations;

namespace Dashboard.Sqlite.Aliases;

/// <summary>
/// Whether the file and the WAL beside it are all of a database. A file with two names has two WALs, and what one of them holds is not seen through
/// the other name (https://www.sqlite.org/howtocorrupt.html, section 2). Nothing is opened but through SQLite.
/// </summary>
internal sealed class FindAliases
{
    /// <summary>A connection that is just being opened or closed looks for microseconds like a fault: only what stays is one.</summary>
    private const int Looks = 4;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly CancellationToken cancellationToken;
    private readonly DatabaseFiles files;
    private readonly Mount? mount;
    private readonly bool isWal;
    private readonly List<AliasFinding> found = [];

    private FindAliases(string location, CancellationToken cancellationToken)
    {
        this.cancellationToken = cancellationToken;
        files = DatabaseFiles.Read(location);
        mount = MountTable.Find(files.Path);
        isWal = files.Main is not null && files.ReadIsWal();
    }

    /// <summary>Worst first; of equals the one that names a process.</summary>
    public static IReadOnlyList<AliasFinding> Run(string location, CancellationToken cancellationToken)
    {
        var found = new FindAliases(location, cancellationToken).Look();
        for (var look = 1; look < Looks && found.Any(finding => finding.IsOfProcess); look++)
        {
            cancellationToken.WaitHandle.WaitOne(BetweenLooks);
            cancellationToken.ThrowIfCancellationRequested();
            var before = found;
            found = [.. new FindAliases(location, cancellationToken).Look().Where(finding => !finding.IsOfProcess || before.Contains(finding))];
        }

        return found;
    }

    private IReadOnlyList<AliasFinding> Look()
    {
        if (OperatingSystem.IsLinux())
        {
            LookAtProcesses();
        }

        // In rollback mode every committed row is in the file, whoever wrote it.
        if (isWal && BlindSpot.Find() is { } blind)
        {
            LookPast(blind);
        }

        if (OperatingSystem.IsLinux())
        {
            LookAtMount();
            LookAtLinks();
        }

        if (NetworkDrive.FormatOf(files.Path) is { } format)
        {
            found.Add(AliasWords.Network(format));
        }

        return [.. found.OrderByDescending(finding => finding.Harm)];
    }

    /// <summary>What locks tell of processes that can't be seen. Where nobody has the database open, nothing was missed.</summary>
    private void LookPast(AliasFinding blind)
    {
        var use = OperatingSystem.IsLinux() ? FileLocks.AskThroughHandles(files) : UnseenUse.Some;
        if (use == UnseenUse.OtherWal)
        {
            found.Add(AliasWords.OtherWal(files.Path, null) with { IsOfProcess = true });
        }
        else if (use == UnseenUse.Some)
        {
            found.Add(blind);
        }
    }

    private void LookAtLinks()
    {
        if (files.Main is not { Links: > 1 } main)
        {
            return;
        }

        // Whoever uses the other name has been named already.
        if (found.Any(finding => finding.Harm == AliasHarm.HidesRows))
        {
            return;
        }

        var names = FindLinks.Run(files, cancellationToken);
        found.Add(names.FirstOrDefault(HasOwnJournal) is { } other
            ? AliasWords.LinkWithJournal(files.Path, other)
            : AliasWords.Link(files.Path, main.Links, names));
    }

    /// <summary>Whether rows, or half a transaction, wait beside that name. A sidecar that is a link too is the same file.</summary>
    private bool HasOwnJournal(string name) =>
        (Sidecars.Length(Sidecars.Wal(name)) > 0 && FileId.Of(Sidecars.Wal(name)) != files.Wal)
        || (Sidecars.Length(Sidecars.Journal(name)) > 0 && FileId.Of(Sidecars.Journal(name)) != files.Journal);

    private void LookAtMount()
    {
        if (mount?.Point == files.Path)
        {
            // Some mount the WAL and the shared memory one by one too; then they are the application's.
            var hasSidecars = MountTable.Find(Sidecars.Wal(files.Path))?.Point == Sidecars.Wal(files.Path)
                && MountTable.Find(Sidecars.SharedMemory(files.Path))?.Point == Sidecars.SharedMemory(files.Path);
            found.Add(AliasWords.MountedAlone(mount, isWal, hasSidecars));
        }
    }

    private void LookAtProcesses()
    {
        var locks = LockTable.Read() ?? [];
        HashSet<int> known = [];
        LookAtMounts(new RunningProcess(Environment.ProcessId), known);
        foreach (var process in RunningProcess.All(cancellationToken))
        {
            var use = mount is null ? default : FileLocks.Of(process.Id, locks, files, mount.Device);
            if (JudgeProcess.Run(files, isWal, process, process.ReadOpenFiles(), use) is { } finding)
            {
                found.Add(finding with { IsOfProcess = true });
            }

            LookAtMounts(process, known);
        }
    }

    /// <summary>Where else this file alone is mounted, in this container or another.</summary>
    private void LookAtMounts(RunningProcess process, HashSet<int> known)
    {
        if (mount is null)
        {
            return;
        }

        var within = mount.PathWithin(files.Path);
        found.AddRange((process.ReadMounts(known) ?? [])
            .Where(other => other.Device == mount.Device && other.Root == within && other.Point != files.Path)
            .Select(other => AliasWords.MountedElsewhere(files.Path, other.Point, process)));
    }
}
