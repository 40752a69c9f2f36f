using Dashboard.Core.Databases;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Locations;

/// <summary>What surrounds a database and changes what can be done with it: rights, drive, other tools, old writers.</summary>
internal static class Surroundings
{
    private const int FirstWithWal = 3_007_000;

    public static IEnumerable<LocationFact> Look(string file, SqliteHeader header)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (NetworkDrive.FormatOf(file) is { } format)
        {
            yield return new LocationFact(
                "Drive",
                header.IsWal
                    ? $"A network drive ({format}). WAL is not safe here: use rollback mode, or move the database to a local disk."
                    : $"A network drive ({format}). Locks may not hold between machines: use it from one machine only.",
                LocationVerdict.Warning);
        }

        foreach (var finding in FindAliases.Run(file, CancellationToken.None).Where(finding => finding.Harm > AliasHarm.Unseen))
        {
            yield return new LocationFact(finding.IsOfSidecars ? "WAL in use" : "Other names", finding.Sentence, LocationVerdict.Warning);
        }

        if (ReadOnlyMount.Of(file) is { } point)
        {
            yield return new LocationFact(
                "Drive",
                $"{point} is mounted read-only: the database can be watched and backed up, not restored{(header.IsWal ? ". In WAL mode it can be read only while an application has it open, or after one has closed it" : "")}.",
                LocationVerdict.Warning);
        }
        else if (IsReadOnly(file))
        {
            yield return new LocationFact(
                "Rights",
                $"Read only: it can be watched and backed up, not restored. This dashboard runs as {Environment.UserName}, and {FileOwner.Describe(file)}.",
                LocationVerdict.Warning);
        }
        else if (!NativeFiles.CanWrite(folder))
        {
            yield return new LocationFact(
                "Rights",
                $"The folder can't be written by {Environment.UserName}: {FileOwner.Describe(folder)}. SQLite needs that to restore{(header.IsWal ? ", and to back up while nobody else has the database open" : "")}.",
                LocationVerdict.Warning);
        }

        if (Directory.Exists(Path.Combine(folder, $".{Path.GetFileName(file)}-litestream")))
        {
            yield return new LocationFact("Litestream", "Replicates this database. After a restore it starts a new generation.");
        }

        if (header.IsWal && header.WrittenByVersion >= FirstWithWal && !SqliteVersionGuard.IsSafe(header.WrittenByVersion))
        {
            yield return new LocationFact(
                "Last written by",
                $"SQLite {SqliteVersionGuard.Words(header.WrittenByVersion)}, which can damage a WAL database when two processes checkpoint at once. Update the application to 3.51.3 or later.");
        }
    }

    private static bool IsReadOnly(string file)
    {
        using var connection = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);
        return raw.sqlite3_db_readonly(connection.Handle!, "main") == 1;
    }
}
