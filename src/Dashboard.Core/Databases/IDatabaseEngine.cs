using Dashboard.Core.Backups;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Databases;

/// <summary>
/// All that the product knows of one kind of database. Implemented in a project of its own, the only home of its driver.
/// </summary>
/// <remarks>
/// Every member may be slow and may be called at the same time for many databases. Cancelling ends the work promptly
/// and leaves the database, and every file that existed before, as they were. What goes wrong with a database is thrown as
/// <see cref="DatabaseException"/> with a sentence that says what to do; anything else is a fault of the engine.
/// A location is what <see cref="CheckLocationAsync"/> returned as <see cref="LocationCheck.Location"/>.
/// </remarks>
public interface IDatabaseEngine
{
    EngineDescription Description { get; }

    /// <summary>Looks at a location that somebody is typing. Bad input is an answer, not an exception. Answers within about two seconds.</summary>
    Task<LocationCheck> CheckLocationAsync(string location, CancellationToken cancellationToken);

    /// <summary>The numbers of the overview, cheap enough for every two seconds. Takes no lock that a writer feels.</summary>
    /// <exception cref="DatabaseException">When the database is missing, locked, damaged or not readable.</exception>
    Task<DatabaseState> ReadStateAsync(string location, CancellationToken cancellationToken);

    /// <summary>
    /// Counts the rows of every table of one consistent moment. Counting that outlasts <paramref name="budget"/> stops;
    /// the tables that were not reached are left out and <see cref="RowCounts.IsComplete"/> is false.
    /// </summary>
    Task<RowCounts> CountRowsAsync(string location, TimeSpan budget, CancellationToken cancellationToken);

    /// <summary>
    /// A text that differs once the content differs: while it stays the same, nothing needs to be read again. Cheap enough for every two seconds.
    /// Null when that can't be told, for instance because the last change is too young.
    /// </summary>
    /// <exception cref="DatabaseException">When the database is missing.</exception>
    Task<string?> ReadMarkAsync(string location, CancellationToken cancellationToken);

    /// <summary>
    /// The tables with their rows and sizes: exact as far as <paramref name="budget"/> goes, estimates after it. An estimate of the same content
    /// is the same number. Takes no lock that a writer feels.
    /// </summary>
    /// <exception cref="DatabaseException">When the database is missing, locked, damaged or not readable.</exception>
    Task<TableList> ReadTablesAsync(string location, TimeSpan budget, CancellationToken cancellationToken);

    /// <summary>One table as it is defined; its numbers as in <see cref="ReadTablesAsync"/>.</summary>
    /// <exception cref="TableMissingException">When there is no such table.</exception>
    /// <exception cref="DatabaseException">As there.</exception>
    Task<TableDetails> ReadTableAsync(string location, string table, TimeSpan budget, CancellationToken cancellationToken);

    /// <summary>All indexes and foreign keys, also those that came with a constraint. Takes no lock that a writer feels.</summary>
    /// <exception cref="DatabaseException">When the database is missing, locked, damaged or not readable.</exception>
    Task<IndexList> ReadIndexesAsync(string location, CancellationToken cancellationToken);

    /// <summary>Counts the rows of one table, however long it takes; writers go on. Cancelling lets go within milliseconds.</summary>
    /// <exception cref="DatabaseException">As in <see cref="ReadTableAsync"/>.</exception>
    Task<Measure> CountTableAsync(string location, string table, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>Other processes that have the database open, as far as this process may see them; null where it can't be told.</summary>
    Task<IReadOnlyList<DatabaseUser>?> FindUsersAsync(string location, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the content of one moment, checked, to <see cref="BackupStaging.Artefact"/>. Writers go on meanwhile.
    /// Uses <see cref="BackupStaging.WorkFile"/> for what it needs in between; the caller removes that file whatever happens.
    /// </summary>
    /// <exception cref="DatabaseException">When the source can't be read, is damaged, or space runs out.</exception>
    Task<BackupContent> WriteBackupAsync(string location, BackupStaging staging, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>What <see cref="WriteBackupAsync"/> will write.</summary>
    Task<BackupEstimate> EstimateBackupAsync(string location, CancellationToken cancellationToken);

    /// <summary>
    /// Checks a plain copy that no one else uses (structure, and rows against <paramref name="expected"/> where given).
    /// Damage is an answer (<see cref="CopyCheck.Problems"/>), not an exception.
    /// </summary>
    Task<CopyCheck> CheckCopyAsync(string file, IReadOnlyList<TableRows>? expected, CheckDepth depth, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>What a restore into the live database will need and meet, for the plan.</summary>
    /// <param name="identity">Of the backup, as <see cref="BackupContent.Identity"/> said; empty when nothing is known of it.</param>
    Task<RestoreOutlook> LookAheadAsync(string location, long contentBytes, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the content of the live database with that of a plain, checked copy, in one step that either happens or does not.
    /// </summary>
    /// <remarks>
    /// Order, and the crash that it survives: prepare (nothing touched yet); freeze writers; exact copy to <see cref="RestoreWork.Undo"/>,
    /// synced and named; <see cref="RestoreWork.CheckpointAsync"/>; content; commit; check. An engine that keeps the live database itself as the undo
    /// makes the new one beside it, stores the checkpoint, and changes their names in one step.
    /// Killed before the checkpoint, the live database is as it was and the undo is worth nothing. Killed after it, <see cref="TraceRestoreAsync"/>
    /// tells which of both contents is live, and the undo is whole. Cancelled before the commit, the content is unchanged and no undo stays.
    /// </remarks>
    Task<RestoreResult> RestoreAsync(string location, RestoreWork work, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>
    /// Tells whether a restore that was killed after its checkpoint had committed, and removes what it left of a content that is not live and no undo.
    /// </summary>
    Task<RestoreTrace> TraceRestoreAsync(string location, string checkpoint, CancellationToken cancellationToken);

    /// <summary>Creates a new database of the content of a plain copy beside an existing one; never overwrites.</summary>
    Task<CopyResult> RestoreAsCopyAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>Removes what a killed <see cref="RestoreAsCopyAsync"/> with this label left; returns whether a whole copy stands there.</summary>
    Task<string?> FindCopyAsync(string location, string label, CancellationToken cancellationToken);

    /// <summary>
    /// Where a restore at this moment would keep what it replaces, for an engine that keeps it beside the live database; null for one that wants a file.
    /// Another place for each second; whether it is free is not looked at.
    /// </summary>
    ContentPlace? PlaceUndoBeside(string location, DateTimeOffset now) => null;

    /// <summary>What is kept beside the database by earlier restores.</summary>
    Task<IReadOnlyList<KeptContent>> ListKeptAsync(string location, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<KeptContent>>([]);

    /// <summary>Removes what is kept beside; it is not wrong that it is gone already. Never anything that no restore set aside.</summary>
    Task DropKeptAsync(string location, ContentPlace kept, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Removes what restores and maintenance of this database left unfinished beside it, when nobody was there to do it. The caller knows that none is at work.
    /// </summary>
    Task SweepAsync(string location, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The folder on this machine where the database lies; null where it lies elsewhere or that can't be told.</summary>
    string? FolderOf(string location) => null;

    /// <summary>Server and user that its <see cref="Login"/> is kept by; null where nobody signs in.</summary>
    (string Server, string User)? LoginOf(string location) => null;

    /// <summary>The parts of a location that a form asks for one by one; empty where it is one text.</summary>
    IReadOnlyList<LocationPart> Parts => [];

    /// <summary>The location that these parts make, secrets included.</summary>
    string Compose(IReadOnlyDictionary<string, string> parts) => throw new NotSupportedException();

    /// <summary>The parts of a location, or of what somebody pasted in its place; those that it does not hold are left out. Null when it can't be understood.</summary>
    IReadOnlyDictionary<string, string>? Split(string location) => null;

    /// <summary>What a person should know of such a text: why it can't be understood, or what of it was passed over. Null when there is nothing to say.</summary>
    string? CommentOn(string location) => null;
}

/// <summary>
/// Implemented beside <see cref="IDatabaseEngine"/> by an engine whose backup comes as a stream that nobody could check yet:
/// it is checked while it is read back from the disk.
/// </summary>
public interface IStreamedBackup
{
    /// <summary>
    /// What it costs to count the rows of every table in the database too, in the same snapshot (<see cref="BackupStaging.CountsSource"/>), in a sentence;
    /// null where that can't be done.
    /// </summary>
    string? CountingCost => null;

    /// <summary>Reads a plain content to its end. Damage is an answer, as in <see cref="IDatabaseEngine.CheckCopyAsync"/>.</summary>
    Task<CopyCheck> CheckStreamAsync(Stream content, IReadOnlyList<TableRows>? expected, CancellationToken cancellationToken);
}

/// <summary>A field of the form that a location is typed into.</summary>
/// <param name="Key">"host".</param>
/// <param name="Default">What is meant when it is empty; shown in the field.</param>
public sealed record LocationPart(string Key, string Label, PartKind Kind, string? Hint = null, string? Default = null)
{
    /// <summary>For <see cref="PartKind.Choice"/>: value and what it means.</summary>
    public IReadOnlyList<(string Value, string Words)> Choices { get; init; } = [];
}

public enum PartKind
{
    Text,
    Number,

    /// <summary>Never shown again, and never in a location that is stored.</summary>
    Secret,
    Choice,
}

/// <summary>What the pages say of an engine, so that none asks which it is.</summary>
/// <param name="Key">Stored with each database: "sqlite".</param>
/// <param name="Title">As its makers write it: "SQLite".</param>
/// <param name="LocationLabel">Label of the field in "Add database".</param>
/// <param name="LocationHint">Help below the field.</param>
/// <param name="FileExtension">Of a plain backup, with its dot: ".sqlite".</param>
/// <param name="RestoreByHand">How to restore with stock tools, for a person without this product; {0} is the backup's file name.</param>
public sealed record EngineDescription(string Key, string Title, string LocationLabel, string LocationHint, string FileExtension, string RestoreByHand);

/// <summary>A database could not do what was asked; the message says what is wrong and <see cref="NextStep"/> what to do.</summary>
public class DatabaseException(string message, string? nextStep = null, Exception? inner = null) : Exception(message, inner)
{
    public string? NextStep { get; } = nextStep;
}

/// <summary>The database is used by somebody else for longer than we wait.</summary>
public sealed class DatabaseBusyException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);

/// <summary>The database is not where it was registered.</summary>
public sealed class DatabaseMissingException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);

/// <summary>The database is there, and has no table of this name.</summary>
public sealed class TableMissingException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);

/// <summary>The database is there and can't be read as one.</summary>
public sealed class DatabaseDamagedException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);
