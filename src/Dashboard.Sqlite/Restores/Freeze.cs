using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// Holds the live database so that nobody writes to it, until its content is replaced or it is let go unchanged.
/// The order "undo copy, then restore" loses no committed row only because nothing can come between the two.
/// </summary>
internal abstract class Freeze : IDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    private readonly string location;
    private readonly SqliteConnection content;

    protected Freeze(string location, SqliteConnection live, SqliteConnection content)
    {
        this.location = location;
        Live = live;
        this.content = content;
    }

    /// <summary>The commit was begun: whatever is thrown afterwards, only <see cref="TraceRestore"/> knows which content is live.</summary>
    public bool MayHaveCommitted { get; private set; }

    protected SqliteConnection Live { get; }

    /// <exception cref="Core.Databases.DatabaseBusyException">When somebody holds the database for longer than half a minute.</exception>
    public static Freeze Take(string location, SqliteConnection content, TimeProvider time, CancellationToken cancellationToken)
    {
        var live = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
        try
        {
            if (raw.sqlite3_db_readonly(live.Handle!, "main") == 1)
            {
                throw SqliteErrors.ReadOnly(location);
            }

            Patience.HoldSnapshot(live, location, LockPatience, time, cancellationToken);
            var isWal = live.ReadText("PRAGMA journal_mode") == "wal";
            live.Execute("COMMIT");
            return isWal
                ? FreezeWal.Take(location, live, content, LockPatience, time, cancellationToken)
                : FreezeRollback.Take(location, live, content, LockPatience, time, cancellationToken);
        }
        catch
        {
            live.Dispose();
            throw;
        }
    }

    /// <summary>Reads the frozen content.</summary>
    public abstract T Look<T>(Func<SqliteConnection, T> look);

    /// <summary>Puts the new content in place, in one transaction; without the last step nothing of it is seen.</summary>
    public void Replace(RunProgress progress, bool canCancel, CancellationToken cancellationToken)
    {
        var pageSize = content.ReadLong("PRAGMA page_size");
        var copy = BeginReplace();
        var total = raw.sqlite3_backup_pagecount(copy) * pageSize;
        progress.Phase("Restoring", total, canCancel);

        long remaining;
        while ((remaining = raw.sqlite3_backup_remaining(copy)) > CopyPages.PagesPerStep)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Demand(raw.sqlite3_backup_step(copy, CopyPages.PagesPerStep), raw.SQLITE_OK);
            progress.Report(total - remaining * pageSize, total);
        }

        cancellationToken.ThrowIfCancellationRequested();
        progress.Phase("Committing", canCancel: false);
        MayHaveCommitted = true;
        Demand(raw.sqlite3_backup_step(copy, -1), raw.SQLITE_DONE);
        EndReplace();
    }

    /// <summary>
    /// Moves the restored content out of the log, for a while's try: a reader that stays on old pages prevents it. So does an
    /// application that has begun to move it by itself, for then SQLite answers at once that it is busy, whatever the timeout.
    /// </summary>
    public void ShortenLog(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Patience.Wait(
                Live,
                location,
                () => raw.sqlite3_wal_checkpoint_v2(Live.Handle!, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _),
                patience,
                time,
                cancellationToken);
        }
        catch (Exception error) when (error is Core.Databases.DatabaseBusyException or OperationCanceledException)
        {
            // The content is in place either way; whoever looks at the size of the log afterwards sees it.
        }
    }

    public virtual void Dispose() => Live.Dispose();

    /// <summary>The running replacement, locked, with its number of pages known and none copied.</summary>
    protected abstract sqlite3_backup BeginReplace();

    protected abstract void EndReplace();

    protected static sqlite3_backup Begin(SqliteConnection live, SqliteConnection content)
    {
        var copy = raw.sqlite3_backup_init(live.Handle!, "main", content.Handle!, "main");
        return copy is null || copy.IsInvalid
            ? throw SqliteErrors.From(live, raw.sqlite3_extended_errcode(live.Handle!))
            : copy;
    }

    protected void Demand(int code, int expected)
    {
        if ((code & 0xFF) == raw.SQLITE_FULL)
        {
            throw SqliteErrors.NoSpace(location, null);
        }

        if (code != expected)
        {
            throw new SqliteException(raw.sqlite3_errstr(code).utf8_to_string(), code & 0xFF, code);
        }
    }
}
