using System.IO.Compression;
using System.IO.Pipelines;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using ZstdSharp;

namespace Dashboard.Core.Backups;

/// <summary>Writes a dump that somebody gave into a private file, unpacked on the way.</summary>
/// <param name="maxBytes">The largest that is taken in, unpacked.</param>
internal sealed class UnpackForeign(long maxBytes)
{
    private const int Buffer = 1 << 17;

    /// <summary>How often the room on the disk is looked at.</summary>
    private const long LookEvery = 64L << 20;

    /// <summary>Left on the disk, on which the store may lie as well.</summary>
    private const long Reserve = 256L << 20;

    /// <summary>Unpacks what is packed, and stops at the limit: a small file can unpack to anything.</summary>
    /// <param name="file">Does not exist yet.</param>
    /// <returns>Its bytes, unpacked.</returns>
    /// <exception cref="DatabaseException">When it is too large, can't be unpacked, or space runs out; what was written is left to the caller.</exception>
    public async Task<long> RunAsync(Stream content, string file, CancellationToken cancellationToken)
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
            if (done + read > maxBytes)
            {
                throw new DatabaseException($"It holds more than {Words.Bytes(maxBytes)}, the largest that is taken in. Nothing was kept of it.", $"Raise {DashboardOptions.Section}:{nameof(DashboardOptions.ForeignGigabytes)}, or restore it by hand.");
            }

            if (done - looked >= LookEvery)
            {
                looked = done;
                BackupFolders.DemandSpace(Path.GetDirectoryName(target.Name)!, Reserve, "Taking in the dump");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            done += read;
        }

        return done;
    }
}
