using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Backups;

/// <summary>
/// Copies all pages of a database into a new file. The source must hold its moment (a read transaction, or the only lock):
/// without it every commit of another process starts the copy again, and under load it never ends.
/// </summary>
internal static class CopyPages
{
    public const int PagesPerStep = 256;

    /// <summary>Leaves one file without sidecars, in rollback mode, not yet durable; or nothing when it fails.</summary>
    public static void ToNewFile(SqliteConnection source, string file, RunProgress progress, CancellationToken cancellationToken)
    {
        NewFile.CreatePrivate(file);
        try
        {
            using (var target = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite))
            {
                // Nobody else knows the file, and half a copy is thrown away: it needs neither a journal nor a sync by page.
                target.Execute("PRAGMA journal_mode = OFF");
                target.Execute("PRAGMA synchronous = OFF");
                Copy(source, target, file, progress, cancellationToken);

                // A WAL source leaves its mark in the header; opened from a read-only place the copy would then be unreadable.
                target.Execute("PRAGMA journal_mode = DELETE");
            }
        }
        catch
        {
            NewFile.Remove(file);
            throw;
        }
    }

    private static void Copy(SqliteConnection source, SqliteConnection target, string file, RunProgress progress, CancellationToken cancellationToken)
    {
        var pageSize = source.ReadLong("PRAGMA page_size");
        var copy = raw.sqlite3_backup_init(target.Handle!, "main", source.Handle!, "main");
        if (copy is null || copy.IsInvalid)
        {
            throw SqliteErrors.From(target, raw.sqlite3_extended_errcode(target.Handle!));
        }

        int code;
        try
        {
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                code = raw.sqlite3_backup_step(copy, PagesPerStep);
                var total = raw.sqlite3_backup_pagecount(copy);
                progress.Report((total - raw.sqlite3_backup_remaining(copy)) * pageSize, total * pageSize);
            }
            while (code == raw.SQLITE_OK);
        }
        finally
        {
            _ = raw.sqlite3_backup_finish(copy);
        }

        if ((code & 0xFF) == raw.SQLITE_FULL)
        {
            throw SqliteErrors.NoSpace(file, null);
        }

        if (code != raw.SQLITE_DONE)
        {
            throw new SqliteException(raw.sqlite3_errstr(code).utf8_to_string(), code & 0xFF, code);
        }
    }
}
