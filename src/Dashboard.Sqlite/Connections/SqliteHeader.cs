using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Connections;

/// <summary>
/// The first 100 bytes of a database file, read through SQLite's own handle and without a lock
/// (https://www.sqlite.org/fileformat2.html#the_database_header).
/// </summary>
internal sealed record SqliteHeader(
    bool IsSqlite,
    bool IsWal,
    int PageSize,
    long PageCount,
    long FreePages,
    int WrittenByVersion)
{
    /// <summary>Counted up with each change of the file; in WAL mode it says nothing.</summary>
    public uint Changes { get; private init; }

    private const int HeaderBytes = 100;

    public static SqliteHeader Read(SqliteConnection connection)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        SqliteFile.Read(connection, 0, header);
        return Parse(header, SqliteFile.Length(connection));
    }

    private static SqliteHeader Parse(ReadOnlySpan<byte> header, long fileBytes)
    {
        if (!header.StartsWith("SQLite format 3\0"u8))
        {
            return new SqliteHeader(false, false, 0, 0, 0, 0);
        }

        var pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size && size == 1 ? 65536 : size;
        var changes = BinaryPrimitives.ReadUInt32BigEndian(header[24..]);
        var pages = BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        var countedAt = BinaryPrimitives.ReadUInt32BigEndian(header[92..]);

        // Writers before 3.7.0 do not keep the page count; it only holds when both counters agree.
        var isCountValid = pages > 0 && changes == countedAt;
        return new SqliteHeader(
            IsSqlite: pageSize >= 512,
            IsWal: header[18] == 2,
            PageSize: pageSize,
            PageCount: isCountValid || pageSize == 0 ? pages : fileBytes / pageSize,
            FreePages: BinaryPrimitives.ReadUInt32BigEndian(header[36..]),
            WrittenByVersion: (int)BinaryPrimitives.ReadUInt32BigEndian(header[96..]))
        {
            Changes = changes,
        };
    }
}
