using Dashboard.Core.Health;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Health;

/// <summary>Versions that are known to damage databases; the file's header says which one wrote it last.</summary>
internal sealed class WriterVersionCheck : SqliteCheck
{
    /// <summary>The first that knows a write-ahead log.</summary>
    private const int FirstWithWal = 3_007_000;

    public override HealthDescription Description { get; } = new(
        "version",
        "Version of SQLite",
        "Which SQLite wrote the file last. From 3.7.0 to 3.51.2 it can damage a database with a write-ahead log when two processes empty that log at the same instant (sqlite.org/wal.html#walresetbug).",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
    };

    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken)
    {
        using var unlocked = SqliteConnections.OpenUnlocked(location);
        return Judge(SqliteHeader.Read(unlocked));
    }

    internal static HealthAnswer Judge(SqliteHeader header)
    {
        var writer = header.WrittenByVersion == 0 ? "nobody has written to it yet" : $"it was last written by SQLite {SqliteVersionGuard.Words(header.WrittenByVersion)}";
        return header is { IsWal: true, WrittenByVersion: >= FirstWithWal } && !SqliteVersionGuard.IsSafe(header.WrittenByVersion)
            ? HealthAnswer.Warn($"It was last written by SQLite {SqliteVersionGuard.Words(header.WrittenByVersion)}, which can damage it when two processes empty the log at the same instant.", "Update the SQLite of the application to 3.51.3 or later.")
            : HealthAnswer.Pass($"It is read here by {SqliteVersionGuard.Version}; {writer}.");
    }
}
