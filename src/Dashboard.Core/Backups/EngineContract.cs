using Dashboard.Core.Databases;

namespace Dashboard.Core.Backups;

/// <summary>Where an engine writes a backup.</summary>
/// <param name="WorkFile">A path on the backup folder's disk that does not exist yet; it and what is named after it is removed by the caller.</param>
/// <param name="Artefact">Compresses and hashes what is written; not seekable. The engine does not close it.</param>
public sealed record BackupStaging(string WorkFile, Stream Artefact)
{
    /// <summary>
    /// Whether <see cref="BackupContent.Rows"/> are to be counted in the source, in the snapshot that is copied, by an engine that would leave that to the check
    /// of what it wrote.
    /// </summary>
    public bool CountsSource { get; init; }
}

/// <summary>What an engine wrote.</summary>
/// <param name="Rows">Rows of each table, counted in the snapshot that was copied.</param>
/// <param name="SourceBytes">Size of the source on disk.</param>
/// <param name="EngineVersion">"SQLite 3.53.3".</param>
/// <param name="Level">How far the engine checked what it wrote.</param>
/// <param name="Warnings">What keeps it from being whole; any makes the run amber.</param>
/// <param name="Identity">What tells this database from another: page size, application id, schema hash, in the engine's own keys.</param>
public sealed record BackupContent(
    IReadOnlyList<TableRows> Rows,
    long SourceBytes,
    string EngineVersion,
    CheckLevel Level,
    IReadOnlyList<string> Warnings,
    IReadOnlyDictionary<string, string> Identity)
{
    /// <summary>
    /// What is worth knowing and keeps nothing out of it: what could not be checked, each by its name; passwords that it holds in clear.
    /// Any makes the run amber; the backup is good all the same.
    /// </summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What each table and index takes in the copy, exactly; null when the engine could not tell.</summary>
    public IReadOnlyList<StoredSize>? Sizes { get; init; }

    /// <summary>Rows as they were counted in the source by a streamed backup that was told to; null where <see cref="Rows"/> are all that was counted.</summary>
    public IReadOnlyList<TableRows>? SourceRows { get; init; }

    /// <summary>What belongs to the backup and is not in it: a small text file each, published beside it.</summary>
    public IReadOnlyList<Companion> Companions { get; init; } = [];
}

/// <summary>A text that lies beside a backup.</summary>
/// <param name="Suffix">Added to the backup's name: ".roles.sql".</param>
public sealed record Companion(string Suffix, string Text);

/// <summary>What a backup will take, before it is taken.</summary>
/// <param name="ContentBytes">The plain content, not less than it will be.</param>
/// <param name="WorkBytes">Of the work file, beside the artefact.</param>
public sealed record BackupEstimate(long ContentBytes, long WorkBytes);

/// <summary>How far a backup was checked. Each level holds all those below it.</summary>
public enum CheckLevel
{
    /// <summary>A check found it broken.</summary>
    Invalid = -1,

    /// <summary>Written and hashed.</summary>
    Written = 0,

    /// <summary>Read again from disk; the hash is the same.</summary>
    ReadBack = 1,

    /// <summary>Its structure is sound.</summary>
    Structure = 2,

    /// <summary>Unpacked, structure sound, and rows equal to the moment it was taken.</summary>
    Compared = 3,

    /// <summary>Restored for real and compared exactly.</summary>
    Restored = 4,
}

public enum CheckDepth
{
    /// <summary>Reads all of the structure once; finds a page that is damaged, not an index that disagrees with its table.</summary>
    Quick,

    /// <summary>All that the engine can check.</summary>
    Full,
}

/// <summary>What a check of a plain copy found.</summary>
/// <param name="Problems">Empty when it is sound and every count is as expected.</param>
public sealed record CopyCheck(IReadOnlyList<string> Problems, IReadOnlyList<TableRows> Rows)
{
    public bool IsSound => Problems.Count == 0;

    /// <summary>As in <see cref="BackupContent.Notes"/>: what this check could not look at, each by its name.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What a restore will need and meet.</summary>
/// <param name="IsLiveReadable">False when the live database is missing or damaged, and no exact undo copy can be taken.</param>
/// <param name="LiveProblem">Why not.</param>
/// <param name="LiveBytes">Size of the live content, which is the size of the undo copy; 0 when it is missing.</param>
/// <param name="LiveDiskBytesNeeded">Bytes that the restore needs on the live database's disk.</param>
/// <param name="LiveFolder">A folder on that disk; null when that disk is another machine's.</param>
/// <param name="ReadersWaitToo">Whether readers wait as well as writers.</param>
/// <param name="Blocker">Why it can't be restored in place now, with what to do; null when it can.</param>
public sealed record RestoreOutlook(
    bool IsLiveReadable,
    string? LiveProblem,
    long LiveBytes,
    long LiveDiskBytesNeeded,
    string? LiveFolder,
    bool ReadersWaitToo,
    string? Blocker)
{
    /// <summary>Key among what tells a backup from others: why nobody could read what it holds.</summary>
    public const string ContentsProblem = "contents-problem";

    /// <summary>Whether those who use the database lose their connection; otherwise they stay and wait.</summary>
    public bool EndsSessions { get; init; }

    /// <summary>False when the restore itself could run and could not be taken back; <see cref="NoUndoBecause"/> says why.</summary>
    public bool CanUndo { get; init; } = true;

    public string? NoUndoBecause { get; init; }

    /// <summary>What the login lacks for a restore that can be undone and for its undo, so that another login could do them; null when it lacks nothing.</summary>
    public string? LoginProblem { get; init; }

    /// <summary>Whether <see cref="OwnersProblem"/> is one of the login: another one could give everything to its owners.</summary>
    public bool IsOwnersProblemOfLogin { get; init; }

    /// <summary>Why owners and rights can't be as the backup has them, with what to do; it could be restored without them. Null when they can.</summary>
    public string? OwnersProblem { get; init; }

    /// <summary>Why no new database can be made of it beside the live one; null when that can be done or can't be told.</summary>
    public string? CopyBlocker { get; init; }

    /// <summary>What will differ from before although the restore succeeds, a sentence each: roles that are missing, say.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What of the backup this login can't restore: it stops a restore unless all of it can be left out, and is to be.</summary>
    public IReadOnlyList<RestoreGap> Gaps { get; init; } = [];
}

/// <summary>Something in a backup that a login can't restore.</summary>
/// <param name="Problem">What and why, by its name.</param>
/// <param name="Cure">What to grant or to do.</param>
/// <param name="CanBeLeftOut">Whether a restore without it makes sense; never when rows would be left out with it.</param>
public sealed record RestoreGap(string Problem, string Cure, bool CanBeLeftOut)
{
    /// <summary>What else is left out with it, or why it can't be; null when there is nothing to say.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Whether it concerns only the restore into the live database, and no copy.</summary>
    public bool IsOfLiveOnly { get; init; }

    /// <summary>What stops a restore, with what to do; null when nothing does.</summary>
    /// <param name="leavesOut">Whether what can be left out is to be.</param>
    internal static string? Blocker(IEnumerable<RestoreGap> gaps, bool leavesOut) =>
        gaps.FirstOrDefault(gap => !leavesOut || !gap.CanBeLeftOut) is { } gap ? $"{gap.Problem} {gap.Cure}" : null;
}

/// <summary>Implemented beside <see cref="IDatabaseEngine"/> by an engine whose backups may hold what not every login can restore.</summary>
public interface IListsContents
{
    /// <summary>
    /// What a plain content holds that a restore must be able to make, in the engine's own keys: read beside <see cref="BackupContent.Identity"/> by
    /// <see cref="IDatabaseEngine.LookAheadAsync"/>. Reads no more of the content than it must.
    /// </summary>
    /// <exception cref="DatabaseException">When it can't be read.</exception>
    Task<IReadOnlyDictionary<string, string>> ListContentsAsync(Stream content, CancellationToken cancellationToken);
}

/// <summary>Where the whole content of a database lies while it is not the live one.</summary>
/// <param name="Name">Path of a plain copy, or the engine's name of what it keeps beside the live database.</param>
public sealed record ContentPlace(ContentKind Kind, string Name)
{
    public static ContentPlace File(string path) => new(ContentKind.File, path);

    public static ContentPlace Beside(string name) => new(ContentKind.Beside, name);
}

public enum ContentKind
{
    /// <summary>A plain copy in a file.</summary>
    File,

    /// <summary>A database that the engine set aside where the live one is.</summary>
    Beside,
}

/// <summary>What a restore works with.</summary>
/// <param name="Content">A plain, checked copy that no one else uses, or what an earlier restore set aside.</param>
/// <param name="Undo">
/// Where the exact content of now goes: a file that does not exist yet, or the place that <see cref="IDatabaseEngine.PlaceUndoBeside"/> named;
/// null when none is wanted because the live database can't be read.
/// </param>
/// <param name="CheckpointAsync">Stores the engine's own mark durably; called once, after the undo is sure and before the content changes.</param>
public sealed record RestoreWork(ContentPlace Content, ContentPlace? Undo, Func<string, Task> CheckpointAsync)
{
    /// <summary>What the content must hold; null when it was not counted, or was counted by whoever made the copy.</summary>
    public IReadOnlyList<TableRows>? Rows { get; init; }

    /// <summary>Whether owners and rights of the content are left out: all belongs to whoever restores.</summary>
    public bool WithoutOwners { get; init; }

    /// <summary>Whether what this login can't restore, and can be left out (<see cref="RestoreGap.CanBeLeftOut"/>), is left out.</summary>
    public bool LeavesOut { get; init; }
}

/// <summary>What a new database is made of.</summary>
/// <param name="File">A plain, checked copy that no one else uses.</param>
/// <param name="Label">Part of the new database's name.</param>
public sealed record CopyWork(string File, string Label)
{
    /// <summary>As in <see cref="RestoreWork.WithoutOwners"/>.</summary>
    public bool WithoutOwners { get; init; }

    /// <summary>As in <see cref="RestoreWork.LeavesOut"/>.</summary>
    public bool LeavesOut { get; init; }
}

/// <param name="Location">Of the new database.</param>
/// <param name="Warnings">What is not as it should be although it was made; any makes the run amber.</param>
public sealed record CopyResult(string Location, IReadOnlyList<string> Warnings);

/// <summary>What an engine keeps beside a live database so that a restore can be taken back.</summary>
/// <param name="Bytes">What it takes on the engine's disk.</param>
public sealed record KeptContent(ContentPlace Place, long Bytes);

/// <param name="WritersWaited">How long writers could not write.</param>
/// <param name="SetAside">Where a live database that could not be read was moved to; null otherwise.</param>
/// <param name="Warnings">What did not go as it should after the commit (a WAL that could not be shortened, say).</param>
public sealed record RestoreResult(TimeSpan WritersWaited, string? SetAside, IReadOnlyList<string> Warnings);

public enum RestoreTrace
{
    /// <summary>The live database has the content it had before.</summary>
    NotCommitted,

    /// <summary>The live database has the restored content.</summary>
    Committed,

    /// <summary>It can't be told; the undo file must be kept.</summary>
    Unknown,
}
