using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Backups;

/// <summary>Holds the moment, copies it, counts it, lets go, checks and measures the copy, and hands it on.</summary>
internal sealed class WriteBackup(string location, BackupStaging staging, RunProgress progress, TimeProvider time)
{
    // A tenth less work for the processor than 128 KB, of which an asynchronous read each has to find a thread.
    private const int BufferBytes = 1024 * 1024;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private const string NoBackup = "No backup was taken: it would lack the newest rows.";

    private readonly List<string> warnings = [];
    private readonly List<string> notes = [];

    public BackupContent Run(CancellationToken cancellationToken)
    {
        var source = CopySource(cancellationToken);
        var level = CheckTheCopy(source.Rows, cancellationToken);
        var sizes = MeasureCopy.Run(staging.WorkFile, progress, cancellationToken);
        Compress(staging.WorkFile, staging.Artefact, progress, cancellationToken);

        return new BackupContent(source.Rows, source.Bytes, SqliteVersionGuard.Version, level, warnings, source.Identity) { Sizes = sizes, Notes = [.. notes, .. EmptyDatabase.NotesOf(source.Rows.Count)] };
    }

    private sealed record Source(IReadOnlyList<TableRows> Rows, long Bytes, IReadOnlyDictionary<string, string> Identity);

    private Source CopySource(CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);
        notes.AddRange(DemandWhole.ToRead(location, NoBackup, cancellationToken));

        // Before it is opened, which may put sidecars beside it for a while.
        var sizeOnDisk = SizeOnDisk();
        progress.Phase("Opening");
        using var connection = HoldSource(cancellationToken);

        var bytes = connection.ReadLong("PRAGMA page_size") * connection.ReadLong("PRAGMA page_count");
        FreeSpace.Demand(Path.GetDirectoryName(staging.WorkFile)!, bytes);
        progress.Phase("Copying", bytes);
        CopyPages.ToNewFile(connection, staging.WorkFile, progress, cancellationToken);

        // Once more, for whoever has begun meanwhile: two WALs respect no lock of each other, and what was copied can be torn.
        notes.AddRange(DemandWhole.ToRead(location, NoBackup, cancellationToken).Except(notes));

        // Counted before the moment is let go: afterwards these rows are gone for good.
        progress.Phase("Counting");
        var rows = CountSource(connection, cancellationToken);
        return new Source(rows, sizeOnDisk, Identity.Read(connection, location));
    }

    /// <summary>In a folder that can't be written an idle WAL database opens only without locks; whoever writes it would have to be elsewhere.</summary>
    private SqliteConnection HoldSource(CancellationToken cancellationToken)
    {
        var connection = SqliteConnections.OpenToCopy(location);
        try
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            return connection;
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CANTOPEN && !File.Exists(Sidecars.Wal(location)))
        {
            connection.Dispose();
            Warn("The database's folder can't be written, so it was copied without a lock. A program that writes it from elsewhere at the same time is not seen.");
            return SqliteConnections.OpenUnlocked(location);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private List<TableRows> CountSource(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        return [.. Tables.Read(connection).Select(table => CountTable(connection, table))];
    }

    private static TableRows CountTable(SqliteConnection connection, string table)
    {
        try
        {
            return new TableRows(table, Tables.Count(connection, table));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            throw Damaged([table], [error.Message]);
        }
    }

    private static DatabaseDamagedException Damaged(IReadOnlyList<string> tables, IReadOnlyList<string> lines) =>
        new(EngineLines.Reword(DamageWords.Of(tables, lines), sentence => $"{sentence} No backup was taken."), "Restore the last good backup, or repair the database. Older backups are kept.");

    private CheckLevel CheckTheCopy(IReadOnlyList<TableRows> rows, CancellationToken cancellationToken)
    {
        var check = CheckCopy.Run(staging.WorkFile, rows, CheckDepth.Full, progress, cancellationToken);
        if (check.IsSound)
        {
            notes.AddRange(check.Notes);
            return CheckLevel.Compared;
        }

        using var copy = SqliteConnections.OpenUnlocked(staging.WorkFile);
        using var interruption = Interruption.On(copy, cancellationToken);
        throw Damaged(NameDamage.Run(copy, check.Problems), check.Problems);
    }

    /// <summary>Reads and compresses on this thread, which blocks like SQLite's calls do: zstd has its own workers.</summary>
    internal static void Compress(string workFile, Stream artefact, RunProgress progress, CancellationToken cancellationToken)
    {
        // Nobody but this run knows the work file, so it may be opened like any file.
        using var file = new FileStream(workFile, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        progress.Phase("Compressing", file.Length);
        var buffer = new byte[BufferBytes];
        long done = 0;
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            artefact.Write(buffer.AsSpan(0, read));
            progress.Report(done += read, file.Length);
        }
    }

    private long SizeOnDisk() => Sidecars.Of(location).Append(location).Sum(Sidecars.Length);

    private void Warn(string text)
    {
        warnings.Add(text);
        progress.Warn(text);
    }
}
