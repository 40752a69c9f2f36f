using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZstdSharp;

namespace Dashboard.Core.Backups;

/// <summary>A dump that somebody gave, unpacked and recognised, until a restore has used it.</summary>
/// <param name="Name">What the file was called where it came from; for the page only.</param>
/// <param name="Bytes">Unpacked.</param>
public sealed record StagedDump(Guid Id, Guid DatabaseId, string Name, long Bytes, ForeignContent Content, DateTimeOffset StagedAt);

/// <summary>
/// Takes in a dump that this product did not make: a private copy in the data folder, unpacked on the way, which nobody can change between the plan and
/// the restore. Removed by the restore, by hand, after a day, or at the next start.
/// </summary>
public sealed class StageForeign(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, DataFolder data, IOptionsMonitor<DashboardOptions> options, TimeProvider time) : IBeforeWork
{
    /// <summary>The longest name that is shown.</summary>
    private const int MaxName = 200;

    private const string Extension = ".dump";
    private const int Buffer = 1 << 17;

    /// <summary>How often the room on the disk is looked at.</summary>
    private const long LookEvery = 64L << 20;

    /// <summary>Left on the disk, on which the store may lie as well.</summary>
    private const long Reserve = 256L << 20;

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    /// <summary>What this process has taken in: a start may still be sweeping when the first dump arrives.</summary>
    private readonly ConcurrentDictionary<Guid, bool> _own = new();

    private string Folder => Path.Combine(data.Path, "foreign");

    /// <summary>The largest dump that is taken in, unpacked.</summary>
    public long MaxBytes => (long)options.CurrentValue.ForeignGigabytes << 30;

    /// <summary>From a file on this machine.</summary>
    /// <exception cref="DatabaseException">When it can't be read, is too large, or is nothing that can be taken in.</exception>
    public async Task<StagedDump> FromPathAsync(Actor actor, Guid databaseId, string path, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(databaseId));
        var trimmed = path.Trim();
        if (!Path.IsPathFullyQualified(trimmed))
        {
            throw new DatabaseException("This is not a full path.", "Begin with the root, as in /srv/dumps/shop.dump.");
        }

        // A pipe or a device says that it holds nothing, and would be read for ever.
        var file = new FileInfo(trimmed);
        if (!file.Exists || file.Length == 0)
        {
            throw new DatabaseException(file.Exists ? $"{trimmed} is empty, or no ordinary file." : $"There is no file {trimmed} on the dashboard's machine, or it may not be seen.", $"The dashboard runs as {Environment.UserName}. Give the path of a dump that this user may read.");
        }

        try
        {
            await using var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            return await StageAsync(databaseId, file.Name, content, cancellationToken);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new DatabaseException($"{trimmed} can't be read: {denied.Message}", $"Let the user {Environment.UserName} read it.", denied);
        }
    }

    /// <summary>From what somebody sends.</summary>
    /// <exception cref="DatabaseException">As in <see cref="FromPathAsync"/>.</exception>
    public Task<StagedDump> FromStreamAsync(Actor actor, Guid databaseId, string name, Stream content, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(databaseId));
        return StageAsync(databaseId, name, content, cancellationToken);
    }

    /// <summary>Null when it is not there any more.</summary>
    public async Task<StagedDump?> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(id, cancellationToken) is not { } dump)
        {
            return null;
        }

        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(dump.DatabaseId));
        return dump;
    }

    public async Task DiscardAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(actor, id, cancellationToken) is not null && !(await InUseAsync(cancellationToken)).Contains(id))
        {
            Remove(id);
        }
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => SweepAsync(null, cancellationToken);

    internal string FileOf(Guid id) => Path.Combine(Folder, id.ToString("N") + Extension);

    internal void Remove(Guid id) => CheckBackup.DeleteWork(FileOf(id));

    internal async Task<StagedDump?> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        var described = FileOf(id) + BackupFolders.ManifestExtension;
        return File.Exists(described) && File.Exists(FileOf(id)) ? JsonSerializer.Deserialize<StagedDump>(await File.ReadAllTextAsync(described, cancellationToken)) : null;
    }

    private async Task<StagedDump> StageAsync(Guid databaseId, string name, Stream content, CancellationToken cancellationToken)
    {
        await SweepAsync(KeptFor, cancellationToken);
        var dumps = await EngineOfAsync(databaseId, cancellationToken);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var file = FileOf(id);
        _own[id] = true;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            var bytes = await CopyAsync(content, file, cancellationToken);
            var shown = new string([.. Path.GetFileName(name).Where(letter => !char.IsControl(letter)).Take(MaxName)]);
            var dump = new StagedDump(id, databaseId, shown, bytes, await dumps.RecogniseAsync(file, cancellationToken), time.GetUtcNow());
            await DurableFiles.ReplaceAsync(file + BackupFolders.ManifestExtension, JsonSerializer.SerializeToUtf8Bytes(dump), cancellationToken);
            return dump;
        }
        catch
        {
            Remove(id);
            throw;
        }
    }

    private async Task<IForeignDumps> EngineOfAsync(Guid databaseId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == databaseId, cancellationToken);
        return engines.For(database) as IForeignDumps ?? throw new DatabaseException($"A {engines.For(database).Description.Title} database takes in no foreign dumps.");
    }

    /// <summary>Unpacks what is packed, and stops at the limit: a small file can unpack to anything.</summary>
    private async Task<long> CopyAsync(Stream content, string file, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(content, new StreamPipeReaderOptions(bufferSize: Buffer, leaveOpen: true));
        try
        {
            var head = await reader.ReadAtLeastAsync(4, cancellationToken);
            var mark = new byte[4];
            using (var first = new MemoryStream(mark))
            {
                foreach (var piece in head.Buffer.Slice(0, Math.Min(4, head.Buffer.Length)))
                {
                    first.Write(piece.Span);
                }
            }

            reader.AdvanceTo(head.Buffer.Start, head.Buffer.Start);
            await using var packed = new TailStream(reader.AsStream(leaveOpen: true));
            await using var plain = mark is [0x28, 0xB5, 0x2F, 0xFD] ? new DecompressionStream(packed, Buffer, checkEndOfStream: true, leaveOpen: true)
                : mark is [0x1F, 0x8B, _, _] ? new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true)
                : (Stream)packed;
            await using var target = DurableFiles.CreatePrivate(file);
            var done = await CopyAsync(plain, target, cancellationToken);

            // gzip closes with the size of what it holds, which its reader does not miss when it was cut off.
            await packed.CopyToAsync(Stream.Null, cancellationToken);
            return plain is not GZipStream || packed.Tail == unchecked((uint)done) ? done : throw new InvalidDataException("It is not whole, or holds several packed parts.");
        }
        catch (Exception fault) when (fault is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw new DatabaseException($"It can't be unpacked: {fault.Message.TrimEnd('.')}.", "It may have been cut off on its way. Bring it here once more.", fault);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private async Task<long> CopyAsync(Stream plain, FileStream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[Buffer];
        long done = 0;
        long looked = -LookEvery;
        int read;
        while ((read = await plain.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (done + read > MaxBytes)
            {
                throw new DatabaseException($"It holds more than {Words.Bytes(MaxBytes)}, the largest that is taken in. Nothing was kept of it.", $"Raise {DashboardOptions.Section}:{nameof(DashboardOptions.ForeignGigabytes)}, or restore it by hand.");
            }

            if (done - looked >= LookEvery)
            {
                looked = done;
                BackupFolders.DemandSpace(Folder, Reserve, "Taking in the dump");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            done += read;
        }

        return done;
    }

    /// <param name="age">How old what is removed is at least; null for all.</param>
    private async Task SweepAsync(TimeSpan? age, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        var inUse = await InUseAsync(cancellationToken);
        if (age is null)
        {
            inUse.UnionWith(_own.Keys);
        }

        foreach (var file in new DirectoryInfo(Folder).EnumerateFiles().ToList())
        {
            if ((age is null || file.LastWriteTimeUtc <= time.GetUtcNow().UtcDateTime - age) && !inUse.Any(id => file.Name.StartsWith(id.ToString("N"), StringComparison.Ordinal)))
            {
                file.Delete();
            }
        }
    }

    /// <summary>Those that a run is going to use.</summary>
    private async Task<HashSet<Guid>> InUseAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var open = await store.Runs.AsNoTracking()
            .Where(run => run.State < RunState.Succeeded && (run.Job == JobKeys.RestoreForeign || run.Job == JobKeys.RestoreForeignAsNew))
            .Select(run => run.Arguments!)
            .ToListAsync(cancellationToken);
        return [.. open.Select(arguments => JsonSerializer.Deserialize<ForeignArguments>(arguments)!.DumpId)];
    }

    /// <summary>Knows the last four bytes that were read.</summary>
    private sealed class TailStream(Stream inner) : Stream
    {
        private readonly byte[] _tail = new byte[sizeof(uint)];

        public uint Tail => BinaryPrimitives.ReadUInt32LittleEndian(_tail);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Took(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return Took(buffer.Span[..read]);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Took(ReadOnlySpan<byte> read)
        {
            var last = read[^Math.Min(read.Length, _tail.Length)..];
            _tail.AsSpan(last.Length).CopyTo(_tail);
            last.CopyTo(_tail.AsSpan(_tail.Length - last.Length));
            return read.Length;
        }
    }
}
