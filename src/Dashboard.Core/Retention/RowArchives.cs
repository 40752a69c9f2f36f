using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using ZstdSharp;

namespace Dashboard.Core.Retention;

/// <summary>The compressed files of removed rows: written, read back, named, and purged when they are old enough.</summary>
internal sealed class RowArchives(IDbContextFactory<DashboardStore> stores, BackupFolders folders, TimeProvider time)
{
    public const string Extension = ".jsonl" + Artefact.ZstdExtension;

    private const int LongestTable = 60;

    /// <summary>Beside the backups of the database.</summary>
    public string FolderOf(Database database) => Path.Combine(folders.For(database), "rows");

    /// <summary>
    /// Writes the rows, reads the file back to its end, and only then gives it its row and its name. Null when no row was there to write.
    /// </summary>
    /// <remarks>
    /// Killed while it is written: a .partial, swept by <see cref="SweepAsync"/>, and nothing was removed from the table. Killed between row and name:
    /// a row without a file, swept too. Killed after that: a whole file that is not done, which the next run goes on with; its rows are not written twice.
    /// </remarks>
    public async Task<RowArchive?> WriteAsync(Database database, string table, IRowSession session, RunProgress progress, Action<long> told, CancellationToken cancellationToken)
    {
        var folder = Prepare(database);
        var now = time.GetUtcNow();
        var file = FreeName(folder, database.Slug, table, now);
        var partial = Path.Combine(folder, file + DurableFiles.PartialExtension);
        try
        {
            RowsWritten rows;
            ArtefactWriting written;
            await using (var stream = DurableFiles.CreatePrivate(partial))
            {
                var artefact = Artefact.Write(stream, Compression.Fast, isStreamed: true);
                await using (artefact)
                {
                    rows = await session.WriteAsync(artefact, told, cancellationToken);
                }

                written = artefact.Result;
                stream.Flush(flushToDisk: true);
            }

            if (rows.Rows == 0)
            {
                return null;
            }

            progress.Phase("Reading the archive back", new FileInfo(partial).Length);
            var counter = new LineCounter();
            var reading = await Artefact.ReadAsync(partial, Compression.Fast, counter, done => progress.Report(done), cancellationToken);
            if (reading.Sha256 != written.Sha256 || reading.ContentBytes != written.ContentBytes || counter.Lines != rows.Rows)
            {
                throw new IOException($"What was written to {partial} reads back differently. The disk or its connection is at fault; no row was removed.");
            }

            var archive = new RowArchive
            {
                Id = Guid.CreateVersion7(now),
                DatabaseId = database.Id,
                Table = table,
                Folder = folder,
                FileName = file,
                WrittenAt = now,
                Rows = rows.Rows,
                SizeBytes = new FileInfo(partial).Length,
                ContentBytes = reading.ContentBytes,
                Sha256 = reading.Sha256,
                Oldest = rows.Oldest,
                Newest = rows.Newest,
            };
            await using var store = await stores.CreateDbContextAsync(cancellationToken);
            store.RowArchives.Add(archive);
            await store.SaveChangesAsync(CancellationToken.None);
            DurableFiles.Publish(partial, archive.FilePath);
            return archive;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Those whose rows may still be in the table, oldest first.</summary>
    public async Task<IReadOnlyList<RowArchive>> FindUnfinishedAsync(Database database, string table, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.RowArchives.AsNoTracking().Where(archive => archive.DatabaseId == database.Id && archive.Table == table && !archive.IsDone).OrderBy(archive => archive.WrittenAt).ToListAsync(cancellationToken);
    }

    /// <summary>Nothing is removed by a file that is not byte for byte what was written.</summary>
    /// <exception cref="DatabaseException">When it is not there, or is another.</exception>
    public static async Task DemandWholeAsync(RowArchive archive, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Checking an archive", archive.SizeBytes);
        if (!File.Exists(archive.FilePath))
        {
            throw new DatabaseException($"The archive {archive.FilePath} is not there. Its rows were not removed from {archive.Table}.", "Bring the file or its folder back, then run the rule again.");
        }

        var reading = await Artefact.ReadAsync(archive.FilePath, Compression.Fast, null, done => progress.Report(done), cancellationToken);
        if (reading.Sha256 != archive.Sha256)
        {
            throw new DatabaseException($"The archive {archive.FilePath} is not what was written. No more rows were removed from {archive.Table}.", "Move the file away and remove nothing by it; look at the disk it lies on.");
        }
    }

    /// <summary>Its lines, some at a time.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<string>> ReadLinesAsync(RowArchive archive, int atATime, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = new FileStream(archive.FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
        await using var content = new DecompressionStream(file, checkEndOfStream: true, leaveOpen: true);
        using var reader = new StreamReader(content, leaveOpen: true);
        List<string> lines = [];
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
            if (lines.Count == atATime)
            {
                yield return lines;
                lines = [];
            }
        }

        if (lines.Count > 0)
        {
            yield return lines;
        }
    }

    public async Task FinishAsync(RowArchive archive, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        await store.RowArchives.Where(row => row.Id == archive.Id).ExecuteUpdateAsync(row => row.SetProperty(r => r.IsDone, true), cancellationToken);
    }

    /// <summary>Removes the files whose newest row is older than <paramref name="before"/>; returns their rows. The file goes first: a kill leaves a row that is removed with the next run.</summary>
    public async Task<long> PurgeAsync(Database database, string table, DateTimeOffset before, RunProgress progress, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var old = await store.RowArchives.Where(archive => archive.DatabaseId == database.Id && archive.Table == table && archive.IsDone && archive.Newest != null && archive.Newest < before).ToListAsync(cancellationToken);
        var rows = 0L;
        foreach (var archive in old)
        {
            File.Delete(archive.FilePath);
            store.RowArchives.Remove(archive);
            await store.SaveChangesAsync(CancellationToken.None);
            progress.Log($"Purged {archive.FileName} with {Words.Count(archive.Rows, "row")}, the newest of {archive.Newest:yyyy-MM-dd}.");
            rows += archive.Rows;
        }

        return rows;
    }

    /// <summary>What a killed run left half written. The caller knows that no run of this database is at work.</summary>
    public async Task SweepAsync(Database database, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        foreach (var archive in await store.RowArchives.Where(archive => archive.DatabaseId == database.Id && !archive.IsDone).ToListAsync(cancellationToken))
        {
            // A folder that is away now (a share) tells nothing of its files.
            if (Directory.Exists(archive.Folder) && !File.Exists(archive.FilePath))
            {
                store.RowArchives.Remove(archive);
            }
        }

        await store.SaveChangesAsync(cancellationToken);
        var folder = FolderOf(database);
        if (Directory.Exists(folder))
        {
            foreach (var partial in Directory.EnumerateFiles(folder, "*" + Extension + DurableFiles.PartialExtension).ToList())
            {
                File.Delete(partial);
            }
        }
    }

    private string Prepare(Database database)
    {
        folders.Prepare(database);
        var folder = FolderOf(database);
        DurableFiles.CreatePrivateFolder(folder);

        return folder;
    }

    /// <summary>The name of the table is the database's, so only what no file system minds is taken of it.</summary>
    private static string FreeName(string folder, string slug, string table, DateTimeOffset at)
    {
        var word = string.Concat(table.Take(LongestTable).Select(sign => char.IsAsciiLetterOrDigit(sign) ? char.ToLowerInvariant(sign) : '-')).Trim('-');
        return BackupFolders.FreeName(folder, slug, $"{(word.Length == 0 ? "table" : word)}_rows", at) + Extension;
    }

    /// <summary>Counts the lines of what is written to it.</summary>
    private sealed class LineCounter : Stream
    {
        public long Lines { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Lines += buffer.AsSpan(offset, count).Count((byte)'\n');

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Lines += buffer.Span.Count((byte)'\n');
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
