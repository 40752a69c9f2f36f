using System.Security.Cryptography;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Dashboard.Core.Backups;

/// <summary>What an engine writes a backup's content into.</summary>
public sealed class ArtefactStream : Stream
{
    /// <summary>A third brings nothing at level 1, and the application wants some cores too.</summary>
    private const int Workers = 2;

    /// <summary>At level 1 one packs some times more than a server makes; a second would only take the server's place on a core, and make it slower.</summary>
    private const int WorkersOfStreamed = 1;

    /// <summary>Fed in small pieces, zstd hands out as small ones, and each would be a hop to the pool. What comes in large ones is hashed while it is still in the cache.</summary>
    private const int Gather = 1 << 20;

    private readonly HashingWriter _file;
    private readonly BufferedStream? _gathered;
    private readonly CompressionStream? _zstd;
    private long _written;
    private ArtefactWriting? _result;

    internal ArtefactStream(Stream file, Compression compression, bool isStreamed)
    {
        _file = new HashingWriter(file);
        if (compression == Compression.None)
        {
            return;
        }

        _gathered = isStreamed ? new BufferedStream(_file, Gather) : null;
        _zstd = new CompressionStream(_gathered ?? (Stream)_file, compression == Compression.Fast ? 1 : 9, leaveOpen: true);
        _zstd.SetParameter(ZSTD_cParameter.ZSTD_c_nbWorkers, isStreamed && compression == Compression.Fast ? WorkersOfStreamed : Workers);
        _zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
    }

    /// <summary>Known once the stream is disposed.</summary>
    public ArtefactWriting Result => _result ?? throw new InvalidOperationException("The artefact is still being written.");

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _written; set => throw new NotSupportedException(); }

    private Stream Target => _zstd ?? (Stream)_file;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Target.Write(buffer);
        _written += buffer.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Target.WriteAsync(buffer, cancellationToken);
        _written += buffer.Length;
    }

    public override void Flush() => Target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _result is null)
        {
            _zstd?.Dispose();
            _gathered?.Flush();
            _result = new ArtefactWriting(_file.Hash(), _written);
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Leaves the file open, for it is to be synced.</summary>
    private sealed class HashingWriter(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _hash.AppendData(buffer);
            inner.Write(buffer);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _hash.AppendData(buffer.Span);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
