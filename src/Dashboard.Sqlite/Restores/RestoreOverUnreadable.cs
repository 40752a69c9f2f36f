using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// Restores where the live database is missing, or too damaged to be read. What is there is always kept beside: moved when
/// nobody has it open, else copied, and the file that others hold is then emptied in place.
/// </summary>
internal sealed class RestoreOverUnreadable(string location, RestoreWork work, RunProgress progress, TimeProvider time)
{
    private const int ResetDatabase = 1009;
    private const int BufferBytes = 128 * 1024;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    public async Task<RestoreResult> RunAsync(LiveContent live, PreparedCopy copy, CancellationToken cancellationToken)
    {
        if (live.Exists && work.Undo is not null)
        {
            throw new DatabaseDamagedException(
                $"No exact undo copy can be taken: {live.Problem}",
                "Plan the restore again. The damaged file will be kept beside the restored one.");
        }

        return live.Exists && FindUsers.Run(location, cancellationToken) is null or { Count: > 0 }
            ? await EmptyAndRestoreAsync(copy, cancellationToken)
            : await MoveAsideAndRestoreAsync(live, copy, cancellationToken);
    }

    private async Task<RestoreResult> MoveAsideAndRestoreAsync(LiveContent live, PreparedCopy copy, CancellationToken cancellationToken)
    {
        var partial = NewFile.Partial(location + ".restoring");
        NewFile.Remove(partial);
        try
        {
            await BuildAsync(live, copy, partial, cancellationToken);
            await work.CheckpointAsync(new RestoreMark(null, copy.Schema).ToJson());
            cancellationToken.ThrowIfCancellationRequested();

            progress.Phase("Committing", canCancel: false);
            var aside = MoveAside(live);
            File.Move(partial, location, overwrite: false);
            DurableFiles.SyncFolder(Path.GetDirectoryName(location)!);
            return new RestoreResult(TimeSpan.Zero, aside, []);
        }
        finally
        {
            NewFile.Remove(partial);
        }
    }

    private async Task BuildAsync(LiveContent live, PreparedCopy copy, string partial, CancellationToken cancellationToken)
    {
        progress.Phase("Restoring", copy.Bytes);
        NewFile.CreatePrivate(partial);
        await using (var source = new FileStream(copy.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous))
        await using (var target = new FileStream(partial, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
        {
            await source.CopyToAsync(target, BufferBytes, cancellationToken);
        }

        if (live.IsWal)
        {
            using var connection = SqliteConnections.Open(partial, SqliteOpenMode.ReadWrite);
            connection.Execute("PRAGMA journal_mode = WAL");
        }

        // Without an old file the folder tells who uses it.
        FileOwner.Copy(live.Exists ? location : Path.GetDirectoryName(location)!, partial, live.Exists ? 0xFFF : 0x1B6);
        NewFile.Sync(partial);
    }

    /// <summary>
    /// The sidecars first: a log that stays beside the new file would be replayed onto it. Killed in between, the damaged file
    /// stands without its log, and is no more damaged than before.
    /// </summary>
    private string? MoveAside(LiveContent live)
    {
        var aside = AsideName();
        foreach (var suffix in Sidecars.Suffixes.Where(suffix => File.Exists(location + suffix)))
        {
            File.Move(location + suffix, aside + suffix, overwrite: false);
        }

        if (!live.Exists)
        {
            return null;
        }

        File.Move(location, aside, overwrite: false);
        return aside;
    }

    private async Task<RestoreResult> EmptyAndRestoreAsync(PreparedCopy copy, CancellationToken cancellationToken)
    {
        var aside = CopyAside(cancellationToken);
        await work.CheckpointAsync(new RestoreMark(null, copy.Schema).ToJson());

        var began = time.GetTimestamp();
        progress.Phase("Emptying the damaged file", canCancel: false);
        Empty(cancellationToken);
        using var freeze = Freeze.Take(location, copy.Content, time, CancellationToken.None);
        freeze.Replace(progress, canCancel: false, CancellationToken.None);

        var waited = time.GetElapsedTime(began);
        var warnings = new CheckLive(location, copy, progress, time).Run(freeze, cancellationToken);
        return new RestoreResult(waited, aside, warnings);
    }

    /// <summary>Byte by byte through SQLite's handle: a handle of our own would drop the locks of whoever shares this process.</summary>
    private string CopyAside(CancellationToken cancellationToken)
    {
        var aside = AsideName();
        var partial = NewFile.Partial(aside);
        NewFile.CreatePrivate(partial);
        try
        {
            using (var damaged = SqliteConnections.OpenUnlocked(location))
            using (var target = new FileStream(partial, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                var length = SqliteFile.Length(damaged);
                progress.Phase("Keeping the damaged file", length);
                var buffer = new byte[BufferBytes];
                for (long offset = 0; offset < length; offset += buffer.Length)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    SqliteFile.Read(damaged, offset, buffer);
                    target.Write(buffer, 0, (int)Math.Min(buffer.Length, length - offset));
                    progress.Report(offset, length);
                }
            }

            NewFile.Publish(partial, aside);
            return aside;
        }
        finally
        {
            NewFile.Remove(partial);
        }
    }

    /// <summary>Fails, and leaves the file as it is, while another process keeps a lock that the damage does not let it give up.</summary>
    private void Empty(CancellationToken cancellationToken)
    {
        using var live = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
        Switch(live, 1);
        Patience.Execute(live, location, "VACUUM", LockPatience, time, cancellationToken);
        Switch(live, 0);
    }

    private static void Switch(SqliteConnection live, int on)
    {
        var code = raw.sqlite3_db_config(live.Handle!, ResetDatabase, on, out _);
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.From(live, code);
        }
    }

    /// <summary>With "_2" and so on behind it when that name is taken: two restores may come within one second.</summary>
    private string AsideName()
    {
        var stem = $"{location}.damaged-{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        for (var number = 1; ; number++)
        {
            var name = number == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}_{number}");
            if (!File.Exists(name) && !Sidecars.Suffixes.Any(suffix => File.Exists(name + suffix)))
            {
                return name;
            }
        }
    }
}
