using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// WAL: the replacement itself takes the write lock with its first, empty step; readers go on, and a second connection reads
/// what is frozen.
/// </summary>
internal sealed class FreezeWal : Freeze
{
    private readonly string location;
    private sqlite3_backup? replacement;

    private FreezeWal(string location, SqliteConnection live, SqliteConnection content)
        : base(location, live, content)
    {
        this.location = location;
        replacement = Begin(live, content);
    }

    public static FreezeWal Take(
        string location,
        SqliteConnection live,
        SqliteConnection content,
        TimeSpan patience,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var freeze = new FreezeWal(location, live, content);
        try
        {
            // No page in the first step: a copy of one page would be committed by it.
            freeze.Demand(
                Patience.Wait(live, location, () => raw.sqlite3_backup_step(freeze.replacement!, 0), patience, time, cancellationToken),
                raw.SQLITE_OK);
            return freeze;
        }
        catch
        {
            freeze.Dispose();
            throw;
        }
    }

    public override T Look<T>(Func<SqliteConnection, T> look)
    {
        using var reader = SqliteConnections.Open(location, SqliteOpenMode.ReadOnly);
        reader.Execute("BEGIN");
        return look(reader);
    }

    public override void Dispose()
    {
        EndReplace();
        base.Dispose();
    }

    protected override sqlite3_backup BeginReplace() => replacement!;

    protected override void EndReplace()
    {
        if (replacement is { } running)
        {
            replacement = null;
            _ = raw.sqlite3_backup_finish(running);
        }
    }
}
