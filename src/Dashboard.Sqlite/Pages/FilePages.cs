using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Dashboard.Sqlite.Pages;

/// <summary>The pages of a plain copy that no one else uses: only such a file may be opened without SQLite.</summary>
internal sealed class FilePages : IPages, IDisposable
{
    private const int HeaderBytes = 100;

    private readonly SafeFileHandle file;

    public FilePages(string path)
    {
        file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> header = stackalloc byte[HeaderBytes];
        ReadAt(0, header);
        PageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size && size == 1 ? 65536 : size;
        if (PageSize < 512)
        {
            throw new InvalidDataException("The file has no header of a database.");
        }

        UsableBytes = PageSize - header[20];
        Count = RandomAccess.GetLength(file) / PageSize;
        FreeCount = BinaryPrimitives.ReadUInt32BigEndian(header[36..]);
        HasPointerMap = BinaryPrimitives.ReadUInt32BigEndian(header[52..]) != 0;
    }

    public int PageSize { get; }

    public int UsableBytes { get; }

    public long Count { get; }

    public long FreeCount { get; }

    /// <summary>Whether the file can be vacuumed bit by bit, for which some pages say to whom the others belong.</summary>
    public bool HasPointerMap { get; }

    public void Read(long page, Span<byte> target) => ReadAt((page - 1) * PageSize, target);

    public void Dispose() => file.Dispose();

    private void ReadAt(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(file, target, offset);
            if (read == 0)
            {
                throw new InvalidDataException("The file ends too early.");
            }

            offset += read;
            target = target[read..];
        }
    }
}
