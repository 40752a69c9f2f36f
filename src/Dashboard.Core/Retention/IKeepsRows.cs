namespace Dashboard.Core.Retention;

/// <summary>Implemented beside <see cref="Databases.IDatabaseEngine"/> by an engine from whose tables rows can be removed by their age.</summary>
/// <remarks>
/// What goes wrong with a database is a <see cref="Databases.DatabaseException"/>. A condition of a person is only ever part of a statement that reads, or of one
/// whose functions were looked at before: it can neither write nor leave its brackets.
/// </remarks>
public interface IKeepsRows
{
    /// <summary>The columns of a table that can hold a time, with the kind that a sample shows, and what else a rule has to know. Within some seconds.</summary>
    /// <exception cref="Databases.TableMissingException">When there is no such table.</exception>
    Task<RowTable> LookAtRowsAsync(string location, string table, CancellationToken cancellationToken);

    /// <summary>Why this text must not be the condition of a rule, in a sentence; null when it may. Changes nothing.</summary>
    Task<string?> FindConditionFaultAsync(string location, string table, string condition, CancellationToken cancellationToken);

    /// <summary>The newest time in the table, and the clock of the server where it has one. Reads the table once.</summary>
    Task<RowClock> ReadClockAsync(string location, RowTime time, CancellationToken cancellationToken);

    /// <summary>Counts what a run would do. Reads only, however long it takes; the caller cancels. Writers go on, but for those of an SQLite file in rollback mode.</summary>
    Task<RowPreview> PreviewAsync(string location, RowSelection selection, CancellationToken cancellationToken);

    /// <summary>The archive table of a rule as the tables page names it: beside the table where it names no place of its own.</summary>
    string NameOfArchive(string table, string archive) => archive;

    /// <summary>A session in which rows are written out and removed. One at a time for a database.</summary>
    Task<IRowSession> OpenRowsAsync(string location, RowSelection selection, CancellationToken cancellationToken);
}

/// <summary>Where one run works. Every call is whole or has changed nothing, and ends the lock that a writer feels before it returns.</summary>
public interface IRowSession : IAsyncDisposable
{
    /// <summary>
    /// Writes the rows that would go as lines of JSON, a row each: <c>{"key": …, "row": {column: value, …}}</c>. The same row gives the same line.
    /// Takes no lock that a writer feels.
    /// </summary>
    /// <param name="told">Hears how many rows are written so far.</param>
    Task<RowsWritten> WriteAsync(Stream target, Action<long> told, CancellationToken cancellationToken);

    /// <summary>Removes, or moves to <see cref="RowSelection.ArchiveTable"/>, the rows of the next piece of the table, in one transaction of a tenth of a second or so.</summary>
    Task<RowBatch> RemoveNextAsync(CancellationToken cancellationToken);

    /// <summary>Removes of these written rows those that are still as they were written and still match. What is gone already is no fault.</summary>
    /// <param name="lines">As <see cref="WriteAsync"/> wrote them.</param>
    Task<RowBatch> RemoveWrittenAsync(IReadOnlyList<string> lines, CancellationToken cancellationToken);
}

/// <param name="Rows">Written.</param>
/// <param name="Oldest">Time of the oldest of them; null when there are none.</param>
public sealed record RowsWritten(long Rows, DateTimeOffset? Oldest, DateTimeOffset? Newest);

/// <param name="Removed">Rows that are gone, without those that foreign keys took along.</param>
/// <param name="Held">Rows that the database did not let go: somebody refers to them, has them locked, or a trigger keeps them.</param>
/// <param name="IsLast">Whether the table has no further piece.</param>
/// <param name="Done">Share of the table that is behind, 0 to 1.</param>
public sealed record RowBatch(long Removed, long Held, bool IsLast, double Done);

/// <summary>How a column tells a time.</summary>
public enum TimeKind
{
    /// <summary>"2026-11-25", "2026-11-25 14:05:00", "2026-11-25T14:05:00.123Z", "… +01:00".</summary>
    IsoText = 0,
    UnixSeconds = 1,
    UnixMilliseconds = 2,

    /// <summary>Days since noon of 24 November 4714 BC.</summary>
    JulianDay = 3,

    /// <summary>A wall clock without its zone.</summary>
    Timestamp = 4,
    TimestampWithZone = 5,

    /// <summary>A day; it is over when it ends.</summary>
    Date = 6,
}

/// <summary>Where the time of a row is.</summary>
/// <param name="Offset">Of times that tell no zone, from UTC.</param>
public sealed record RowTime(string Table, string Column, TimeKind Kind, TimeSpan Offset);

/// <summary>The rows of a table that are older than a moment.</summary>
/// <param name="Cutoff">Whole seconds, UTC: only rows whose time is before it go, and only such as can be read.</param>
/// <param name="Condition">SQL that has to be true as well; null for none.</param>
/// <param name="LetsKeysAct">Whether foreign keys that cascade or set null may do so. Otherwise rows that somebody refers to stay, whatever their key would do.</param>
/// <param name="ArchiveTable">Where the rows go; null when they are only removed.</param>
public sealed record RowSelection(RowTime Time, DateTimeOffset Cutoff, string? Condition, bool LetsKeysAct, string? ArchiveTable = null);

/// <param name="Columns">Those that can hold a time, the likeliest first.</param>
/// <param name="Refusal">Why no rule can be made for it; null when one can.</param>
/// <param name="Triggers">That fire for each removed row.</param>
public sealed record RowTable(string Table, IReadOnlyList<TimeColumn> Columns, IReadOnlyList<RowReference> References, IReadOnlyList<string> Triggers, string? Refusal = null)
{
    /// <summary>Kinds that a column of this engine can have.</summary>
    public IReadOnlyList<TimeKind> Kinds { get; init; } = [];
}

/// <param name="Kind">That a sample shows, or the type of the column; null when it shows none.</param>
/// <param name="Example">One of its values as text; null when there is none.</param>
public sealed record TimeColumn(string Name, string DeclaredType, TimeKind? Kind, string? Example);

/// <summary>A foreign key that points to the table.</summary>
public sealed record RowReference(string Child, IReadOnlyList<string> Columns, KeyAction Action, bool HasIndex);

/// <summary>What a foreign key does when the row that it points to is removed.</summary>
public enum KeyAction
{
    /// <summary>Keeps the row from being removed.</summary>
    Stop,

    /// <summary>Removes the rows that point to it.</summary>
    Cascade,

    /// <summary>Empties the columns that point to it, or sets them to their default.</summary>
    Clear,
}

/// <param name="Newest">The newest time that can be read; null when there is none.</param>
/// <param name="ServerNow">What the server takes for now; null where the database has no clock of its own.</param>
public sealed record RowClock(DateTimeOffset? Newest, DateTimeOffset? ServerNow);

/// <summary>What a run would do now.</summary>
/// <param name="Total">Rows of the table.</param>
/// <param name="Going">Rows that would go.</param>
/// <param name="Held">Rows that are old enough and stay, because others refer to them.</param>
/// <param name="Unreadable">Rows whose time can't be read or makes no sense; they always stay.</param>
public sealed record RowPreview(long Total, long Going, long Held, long Unreadable, DateTimeOffset? Oldest, DateTimeOffset? Newest, IReadOnlyList<RowEffect> Effects)
{
    public double Share => Total > 0 ? (double)Going / Total : 0;
}

/// <param name="Rows">Rows of the child that point to rows that are old enough.</param>
public sealed record RowEffect(RowReference Reference, long Rows);
