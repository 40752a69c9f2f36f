using System.Buffers.Binary;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Pages;

/// <summary>
/// The pages of a database that others use, under a read transaction that the caller holds: from its file, and the newer ones from its log.
/// Read through SQLite's own handles, so no lock is lost.
/// </summary>
internal sealed class LivePages : IPages
{
    // A log of this many frames is a quarter of a gigabyte; where it is longer, estimates are made without it.
    private const int MostFrames = 65_536;
    private const int LogHeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const int ReservedBytesAt = 20;

    private readonly nint file;
    private readonly nint log;
    private readonly Dictionary<long, long> newer = [];
    private readonly bool isSettled;

    private LivePages(SqliteConnection connection, string location, ChangeMark before)
    {
        file = SqliteFile.FileOf(connection);
        log = SqliteFile.LogOf(connection);
        PageSize = (int)connection.ReadLong("PRAGMA page_size");
        Count = connection.ReadLong("PRAGMA page_count");
        FreeCount = connection.ReadLong("PRAGMA freelist_count");
        var hasAllOfLog = ReadLog();
        IsOneMoment = newer.Count == 0 ? hasAllOfLog : hasAllOfLog && before.IsSame(ChangeMark.Read(location));
        isSettled = newer.Count == 0 || before.IsSettled;
        UsableBytes = PageSize;
        if (Count > 0)
        {
            Span<byte> reserved = stackalloc byte[PageSize];
            Read(1, reserved);
            UsableBytes -= reserved[ReservedBytesAt];
        }
    }

    public int PageSize { get; }

    public int UsableBytes { get; }

    public long Count { get; }

    public long FreeCount { get; }

    /// <summary>
    /// Whether what is read here is the moment of the read transaction. Without a log it is, because nobody writes the file under it.
    /// The end of a transaction's part of the log can't be asked for, so with one it is only when nobody wrote meanwhile.
    /// </summary>
    public bool IsOneMoment { get; }

    /// <summary>Sharper: two commits within one tick of the file's clock would look like one.</summary>
    public bool IsOneMomentForSure => IsOneMoment && isSettled;

    /// <param name="before">Read before the transaction began.</param>
    public static LivePages Under(SqliteConnection connection, string location, ChangeMark before) => new(connection, location, before);

    public void Read(long page, Span<byte> target)
    {
        for (var done = 0; done < target.Length; done += PageSize, page++)
        {
            var part = target.Slice(done, PageSize);
            if (newer.TryGetValue(page, out var offset))
            {
                SqliteFile.Read(log, offset, part);
            }
            else
            {
                SqliteFile.Read(file, (page - 1) * PageSize, part);
            }
        }
    }

    /// <summary>Where each page of the log lies, as of its last commit (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).</summary>
    private bool ReadLog()
    {
        var length = log == 0 ? 0 : SqliteFile.Length(log);
        if (length <= LogHeaderBytes)
        {
            return true;
        }

        Span<byte> header = stackalloc byte[LogHeaderBytes];
        SqliteFile.Read(log, 0, header);
        if ((BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) != 0x377F0682 || BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != PageSize)
        {
            return false;
        }

        var salt = BinaryPrimitives.ReadUInt64BigEndian(header[16..]);
        var frames = (length - LogHeaderBytes) / (FrameHeaderBytes + PageSize);
        if (frames > MostFrames)
        {
            return false;
        }

        var uncommitted = new List<(long Page, long Offset)>();
        Span<byte> frame = stackalloc byte[FrameHeaderBytes];
        for (long number = 0; number < frames; number++)
        {
            var offset = LogHeaderBytes + (number * (FrameHeaderBytes + PageSize));
            SqliteFile.Read(log, offset, frame);
            if (BinaryPrimitives.ReadUInt64BigEndian(frame[8..]) != salt)
            {
                break;
            }

            uncommitted.Add((BinaryPrimitives.ReadUInt32BigEndian(frame), offset + FrameHeaderBytes));
            if (BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0)
            {
                foreach (var (page, at) in uncommitted)
                {
                    newer[page] = at;
                }

                uncommitted.Clear();
            }
        }

        return true;
    }
}
