using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.States;

/// <summary>
/// The numbers of the overview. They come from the file's header, read without a lock; only what a WAL still holds is asked
/// in a read transaction, which no writer in WAL mode feels.
/// </summary>
internal static class ReadState
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(2);

    public static DatabaseState Run(string location, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SqliteErrors.DemandThere(location);

        var pages = ReadPages(location, time, cancellationToken);
        var fileBytes = Sidecars.Length(location);
        var walBytes = Sidecars.Length(Sidecars.Wal(location));
        var otherBytes = Sidecars.Length(Sidecars.SharedMemory(location)) + Sidecars.Length(Sidecars.Journal(location));

        return new DatabaseState(
            time.GetUtcNow(),
            fileBytes + walBytes + otherBytes,
            SqliteVersionGuard.Version,
            [
                StateFact.Bytes("file", "Database file", fileBytes),
                StateFact.Bytes("wal", "Write-ahead log", walBytes, WalNote(pages.IsWal, walBytes)),
                StateFact.Bytes("free", "Free pages", pages.Free * pages.Size, FreeNote(pages)),
                StateFact.Count("pages", "Pages", pages.Count),
                StateFact.Bytes("page-size", "Page size", pages.Size),
                pages.IsWal
                    ? StateFact.Words("journal", "Journal mode", "WAL", "Writers and readers do not block each other.")
                    : StateFact.Words("journal", "Journal mode", "Rollback", "A writer and its readers wait for each other."),
            ]);
    }

    private sealed record Pages(long Size, long Count, long Free, bool IsWal);

    private static Pages ReadPages(string location, TimeProvider time, CancellationToken cancellationToken)
    {
        using (var unlocked = SqliteConnections.OpenUnlocked(location))
        {
            var header = SqliteHeader.Read(unlocked);
            var fileBytes = SqliteFile.Length(unlocked);
            if (fileBytes == 0 && Sidecars.Length(Sidecars.Wal(location)) == 0)
            {
                return new Pages(0, 0, 0, false);
            }

            // The header tells all of it unless a log has newer pages. A file that looks cut off may be growing at this
            // moment, and a strange header may lie in the log or the journal: only SQLite, with its locks, can tell.
            var isWhole = header.IsSqlite && header.PageCount * header.PageSize <= fileBytes;
            if (isWhole && (!header.IsWal || Sidecars.Length(Sidecars.Wal(location)) == 0))
            {
                return new Pages(header.PageSize, header.PageCount, header.FreePages, header.IsWal);
            }
        }

        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            return new Pages(
                connection.ReadLong("PRAGMA page_size"),
                connection.ReadLong("PRAGMA page_count"),
                connection.ReadLong("PRAGMA freelist_count"),
                File.Exists(Sidecars.Wal(location)));
        });
    }

    private static string? WalNote(bool isWal, long walBytes) => (isWal, walBytes) switch
    {
        (false, _) => "This database keeps none.",
        (true, 0) => "Empty: everything is in the file.",
        _ => "Committed changes that a checkpoint moves into the file.",
    };

    private static string? FreeNote(Pages pages)
    {
        if (pages.Count == 0)
        {
            return null;
        }

        var percent = 100.0 * pages.Free / pages.Count;
        return string.Create(CultureInfo.InvariantCulture, $"{percent:0.#} % of the file, reused before it grows");
    }
}
