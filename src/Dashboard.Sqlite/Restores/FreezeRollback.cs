using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// Rollback journal: a replacement that has begun would lock every reader out, ourselves too. So the connection takes the
/// exclusive lock and keeps it over the end of its transaction, is read from for the undo copy, and is then written to.
/// </summary>
internal sealed class FreezeRollback : Freeze
{
    private readonly SqliteConnection content;
    private sqlite3_backup? replacement;

    private FreezeRollback(string location, SqliteConnection live, SqliteConnection content)
        : base(location, live, content) => this.content = content;

    public static FreezeRollback Take(
        string location,
        SqliteConnection live,
        SqliteConnection content,
        TimeSpan patience,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        // The mode only now: with it, an attempt that fails keeps its shared lock, and a writer that wants to commit
        // waits for us while we wait for it.
        Patience.Execute(live, location, "BEGIN EXCLUSIVE", patience, time, cancellationToken);
        live.Execute("PRAGMA locking_mode = EXCLUSIVE");
        live.Execute("COMMIT");
        return new FreezeRollback(location, live, content);
    }

    public override T Look<T>(Func<SqliteConnection, T> look) => look(Live);

    public override void Dispose()
    {
        Finish();
        base.Dispose();
    }

    protected override sqlite3_backup BeginReplace()
    {
        replacement = Begin(Live, content);
        Demand(raw.sqlite3_backup_step(replacement, 0), raw.SQLITE_OK);
        return replacement;
    }

    /// <summary>
    /// The lock goes with the first read after the mode is back to normal: one of the header, for this connection may not be able to read
    /// the schema any more (<see cref="TextEncoding"/>).
    /// </summary>
    protected override void EndReplace()
    {
        Finish();
        Live.Execute("PRAGMA locking_mode = NORMAL");
        Live.ReadLong("PRAGMA user_version");
    }

    private void Finish()
    {
        if (replacement is { } running)
        {
            replacement = null;
            _ = raw.sqlite3_backup_finish(running);
        }
    }
}
