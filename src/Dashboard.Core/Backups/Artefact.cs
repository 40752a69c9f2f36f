using System.Buffers;
using System.Security.Cryptography;
using ZstdSharp;

namespace Dashboard.Core.Backups;

/// <summary>
/// The data file of a backup: written through zstd and SHA-256 in one pass, and read back the same way. Written, the file is hashed and not its content,
/// which is less than half the work: zstd puts a checksum of what it was given into the frame, and reading back demands it and hashes both.
/// </summary>
public static class Artefact
{
    public const string ZstdExtension = ".zst";

    private const int Buffer = 1 << 17;

    /// <summary>"" or ".zst".</summary>
    public static string Extension(Compression compression) => compression == Compression.None ? "" : ZstdExtension;

    /// <summary>A stream that compresses what is written into the file and hashes the file on the way; dispose it, then sync the file.</summary>
    /// <param name="isStreamed">Whether the content is being made meanwhile, in small pieces, by what wants the other cores for it.</param>
    public static ArtefactStream Write(Stream file, Compression compression, bool isStreamed = false) => new(file, compression, isStreamed);

    /// <summary>The plain content of a data file from its beginning, for who needs only some of it: nothing is proved of it.</summary>
    public static Stream OpenContent(string path, Compression compression)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        return compression == Compression.None ? file : new DecompressionStream(file, Buffer, checkEndOfStream: false, leaveOpen: false);
    }

    /// <summary>
    /// Reads a data file to its end: hash of the file, hash and size of the content. Writes the content to <paramref name="target"/> where given.
    /// </summary>
    /// <exception cref="InvalidDataException">When it can't be decompressed.</exception>
    public static async Task<ArtefactReading> ReadAsync(string path, Compression compression, Stream? target, Action<long>? progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        await using var hashed = new HashingReader(file, progress);
        using var contentHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var content = compression == Compression.None ? hashed : (Stream)new DecompressionStream(hashed, Buffer, checkEndOfStream: true, leaveOpen: true);
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        long size = 0;
        try
        {
            int read;
            while ((read = await content.ReadAsync(buffer.AsMemory(0, Buffer), cancellationToken)) > 0)
            {
                // The content of a plain file has the hash of the file: one pass, one hash.
                if (compression != Compression.None)
                {
                    contentHash.AppendData(buffer, 0, read);
                }

                if (target is not null)
                {
                    await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }

                size += read;
            }

            // What follows the last frame must not go unnoticed.
            while (await hashed.ReadAsync(buffer.AsMemory(0, Buffer), cancellationToken) > 0)
            {
            }
        }
        catch (Exception fault) when (fault is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} can't be unpacked: {fault.Message.TrimEnd('.')}.", fault);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!ReferenceEquals(content, hashed))
            {
                await content.DisposeAsync();
            }
        }

        var fileHash = hashed.Hash();
        return new ArtefactReading(fileHash, compression == Compression.None ? fileHash : Convert.ToHexStringLower(contentHash.GetHashAndReset()), size);
    }

    private sealed class HashingReader(Stream inner, Action<long>? progress) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public override int Read(byte[] buffer, int offset, int count) => Took(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return Took(buffer.Span, read);
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
                _hash.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Took(ReadOnlySpan<byte> buffer, int read)
        {
            _hash.AppendData(buffer[..read]);
            _read += read;
            progress?.Invoke(_read);
            return read;
        }
    }
}

/// <param name="Sha256">Of the data file, hex.</param>
/// <param name="ContentSha256">Of the plain content, hex.</param>
public sealed record ArtefactReading(string Sha256, string ContentSha256, long ContentBytes);

/// <param name="Sha256">Of the data file, hex.</param>
public sealed record ArtefactWriting(string Sha256, long ContentBytes);
