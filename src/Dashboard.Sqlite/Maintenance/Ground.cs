using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>What a task finds: the pages of the file and what lies beside it.</summary>
internal sealed record Ground(string Location, long PageSize, long Pages, long FreePages, long LogBytes, long FileBytes, bool IsWal, bool IsIncremental)
{
    private const int Incremental = 2;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(2);

    public long TotalBytes => Pages * PageSize;

    public long FreeBytes => FreePages * PageSize;

    public long UsedBytes => TotalBytes - FreeBytes;

    public double FreeShare => Pages > 0 ? (double)FreePages / Pages : 0;

    /// <summary>Without the shared memory, which comes and goes with whoever has the database open.</summary>
    public MaintenanceMeasure Measure => new(FileBytes + LogBytes, FreeBytes, null);

    /// <summary>
    /// The folder in which Litestream keeps what it has copied (https://litestream.io). It follows the log page by page: what rewrites the whole
    /// file makes it copy all of it again, and a checkpoint that it did not make can make it lose its place.
    /// </summary>
    public string? LitestreamFolder =>
        Path.Combine(Path.GetDirectoryName(Location)!, $".{Path.GetFileName(Location)}-litestream") is var folder && Directory.Exists(folder) ? folder : null;

    public static Ground Read(string location, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SqliteErrors.DemandThere(location);

        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            return new Ground(
                location,
                connection.ReadLong("PRAGMA page_size"),
                connection.ReadLong("PRAGMA page_count"),
                connection.ReadLong("PRAGMA freelist_count"),
                Sidecars.Length(Sidecars.Wal(location)),
                Sidecars.Length(location),
                SqliteHeader.Read(connection).IsWal,
                connection.ReadLong("PRAGMA auto_vacuum") == Incremental);
        });
    }
}
