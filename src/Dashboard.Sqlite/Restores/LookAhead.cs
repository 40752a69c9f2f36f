using Dashboard.Core.Backups;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Locations;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>What a restore will need and meet, looked at without touching anything.</summary>
internal static class LookAhead
{
    // A WAL frame is a page and 24 bytes; the rest is room for what writers add meanwhile.
    private const long Margin = 8L * 1024 * 1024;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public static RestoreOutlook Run(string location, long contentBytes, IReadOnlyDictionary<string, string> identity, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var folder = Path.GetDirectoryName(location)!;
        if (!Directory.Exists(folder))
        {
            return new RestoreOutlook(
                false, $"{location} is not there.", 0, contentBytes, NearestFolder.Of(folder), false,
                $"The folder {folder} is not there. Create it, or correct the path of this database.");
        }

        var aliases = FindAliases.Run(location, cancellationToken);
        if (aliases is [{ Harm: AliasHarm.HidesRows } hidden, ..])
        {
            // Nothing of it is opened: it would put a WAL beside a database that uses another one.
            return new RestoreOutlook(true, null, Sidecars.Length(location), contentBytes, folder, false, hidden.Sentence);
        }

        var live = LiveContent.Look(location, LockPatience, time, cancellationToken);
        return new RestoreOutlook(
            IsLiveReadable: live.Problem is null,
            LiveProblem: live.Problem,
            LiveBytes: live.Bytes,
            LiveDiskBytesNeeded: BytesNeeded(location, live, contentBytes),
            LiveFolder: folder,
            ReadersWaitToo: live.Problem is null && !live.IsWal,
            Blocker: FindBlocker(location, live, aliases))
        {
            Warnings =
            [
                .. aliases.Where(finding => finding.Harm < AliasHarm.UnsafeToWrite).Select(finding => finding.Sentence),
                .. TextEncoding.Compare(live.Encoding, identity.GetValueOrDefault(Identity.Encoding)),
            ],
        };
    }

    public static long BytesNeeded(string location, LiveContent live, long contentBytes)
    {
        var growth = Math.Max(0, contentBytes - Sidecars.Length(location));
        var transaction = (live.Exists, live.IsWal) switch
        {
            (false, _) => contentBytes,
            // The whole content passes through the log before it reaches the file.
            (true, true) => contentBytes + contentBytes / 20 + growth,
            // The journal holds every page that is replaced.
            (true, false) => Sidecars.Length(location) + growth,
        };
        return transaction + Margin;
    }

    private static string? FindBlocker(string location, LiveContent live, IReadOnlyList<AliasFinding> aliases)
    {
        if (aliases is [{ Harm: >= AliasHarm.UnsafeToWrite } worst, ..])
        {
            return worst.Sentence;
        }

        if (live.IsWal && NetworkDrive.FormatOf(location) is { } format)
        {
            return $"{location} is in WAL mode on a network drive ({format}), where SQLite can't keep it safe. Restore it as a copy.";
        }

        return live.Exists && IsReadOnly(location) ? SqliteErrors.ReadOnly(location).Message : null;
    }

    /// <summary>Opens for writing and does not write: SQLite falls back to reading where it may not.</summary>
    private static bool IsReadOnly(string location)
    {
        using var connection = SqliteConnections.Open(location, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        return raw.sqlite3_db_readonly(connection.Handle!, "main") == 1;
    }
}
