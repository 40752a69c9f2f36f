using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Connections;

/// <summary>Lets SQLite stop in the middle of a statement, when asked or when a budget is used up.</summary>
internal sealed class Interruption : IDisposable
{
    // About a millisecond of work between two looks.
    private const int Instructions = 10_000;
    private const int PagesRead = 8;

    /// <summary>A plain COUNT(*) is one instruction, in which SQLite asks nobody: it is told from outside.</summary>
    private static readonly TimeSpan LookFromOutside = TimeSpan.FromMilliseconds(10);

    private readonly SqliteConnection connection;
    private readonly Func<bool> isOver;
    private readonly Action<long>? onBytesRead;
    private readonly CancellationToken cancellationToken;
    private readonly long pageSize;
    private readonly Lock gate = new();
    private readonly Timer outside;
    private bool isDisposed;
    private Func<bool> isLate = () => false;

    private Interruption(SqliteConnection connection, Func<bool> isOver, Action<long>? onBytesRead, CancellationToken cancellationToken)
    {
        this.connection = connection;
        this.isOver = isOver;
        this.onBytesRead = onBytesRead;
        this.cancellationToken = cancellationToken;
        pageSize = onBytesRead is null ? 0 : connection.ReadLong("PRAGMA page_size");
        raw.sqlite3_progress_handler(connection.Handle!, Instructions, Look, null);
        outside = new Timer(_ => LookFromAnotherThread(), null, LookFromOutside, LookFromOutside);
    }

    /// <param name="onBytesRead">Hears how many bytes this connection has read from the file so far.</param>
    public static Interruption On(SqliteConnection connection, CancellationToken cancellationToken, Action<long>? onBytesRead = null) =>
        new(connection, () => false, onBytesRead, cancellationToken);

    /// <param name="isTooMuch">Ends it too; asked from several threads.</param>
    public static Interruption After(TimeSpan budget, SqliteConnection connection, TimeProvider time, CancellationToken cancellationToken, Func<bool>? isTooMuch = null)
    {
        var started = time.GetTimestamp();
        bool IsLate() => time.GetElapsedTime(started) >= budget;
        return new Interruption(connection, isTooMuch is null ? IsLate : () => IsLate() || isTooMuch(), null, cancellationToken) { isLate = IsLate };
    }

    public bool IsOver => isOver();

    /// <summary>Whether its time is over, whatever else may have ended it.</summary>
    public bool IsLate => isLate();

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
        }

        outside.Dispose();
        raw.sqlite3_progress_handler(connection.Handle!, 0, null!, null);
    }

    /// <summary>Never on a connection that is being closed: the one who closes it has disposed this before.</summary>
    private void LookFromAnotherThread()
    {
        lock (gate)
        {
            if (!isDisposed && (cancellationToken.IsCancellationRequested || isOver()))
            {
                raw.sqlite3_interrupt(connection.Handle!);
            }
        }
    }

    private int Look(object? _)
    {
        if (cancellationToken.IsCancellationRequested || isOver())
        {
            return 1;
        }

        if (onBytesRead is not null)
        {
            raw.sqlite3_db_status(connection.Handle!, PagesRead, out var pages, out int _, 0);
            onBytesRead(pages * pageSize);
        }

        return 0;
    }
}
