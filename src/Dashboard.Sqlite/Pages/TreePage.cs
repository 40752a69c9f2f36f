using System.Buffers.Binary;

namespace Dashboard.Sqlite.Pages;

/// <summary>
/// A page of a b-tree (https://www.sqlite.org/fileformat2.html#b_tree_pages). What a page says is not trusted:
/// it may be damaged, or not be a page of a tree at all.
/// </summary>
internal readonly ref struct TreePage
{
    private const int FileHeaderBytes = 100;

    private readonly ReadOnlySpan<byte> page;
    private readonly int header;
    private readonly int usable;

    /// <exception cref="InvalidDataException">When it is no page of a tree.</exception>
    public TreePage(ReadOnlySpan<byte> page, long number, int usable)
    {
        this.page = page;
        this.usable = usable;
        header = number == 1 ? FileHeaderBytes : 0;
        if (page[header] is not (2 or 5 or 10 or 13))
        {
            throw new InvalidDataException($"Page {number} is no page of a table or an index.");
        }

        if (Cells > (usable - header - 8) / 2)
        {
            throw new InvalidDataException($"Page {number} names more cells than fit.");
        }
    }

    public bool IsLeaf => page[header] >= 8;

    public bool IsTable => page[header] is 5 or 13;

    public int Cells => BinaryPrimitives.ReadUInt16BigEndian(page[(header + 3)..]);

    /// <summary>A table keeps its rows in the leaves alone, an index in every page.</summary>
    public int Rows => IsTable && !IsLeaf ? 0 : Cells;

    public int Children => IsLeaf ? 0 : Cells + 1;

    public long Child(int position) => position < Cells
        ? BinaryPrimitives.ReadUInt32BigEndian(page[Cell(position, 4)..])
        : BinaryPrimitives.ReadUInt32BigEndian(page[(header + 8)..]);

    /// <summary>Pages that the cells of this one go on in, because their content is too long for it.</summary>
    public long OverflowPages()
    {
        if (IsTable && !IsLeaf)
        {
            return 0;
        }

        long pages = 0;
        var most = IsTable ? usable - 35 : (usable - 12) * 64 / 255 - 23;
        for (var position = 0; position < Cells; position++)
        {
            // The cells of a leaf may be as short as two bytes, and the last one ends with the page.
            var length = Varint(IsLeaf ? Cell(position, 1) : Cell(position, 5) + 4);
            if (length > most)
            {
                pages += (length - Local(length, most) + usable - 5) / (usable - 4);
            }
        }

        return pages;
    }

    private long Local(long length, int most)
    {
        var least = (usable - 12) * 32 / 255 - 23;
        var local = least + ((length - least) % (usable - 4));
        return local <= most ? local : least;
    }

    private int Cell(int position, int bytesNeeded)
    {
        var offset = BinaryPrimitives.ReadUInt16BigEndian(page[(header + (IsLeaf ? 8 : 12) + (position * 2))..]);
        return offset >= header + 8 && offset + bytesNeeded <= page.Length
            ? offset
            : throw new InvalidDataException("A cell lies outside of its page.");
    }

    private long Varint(int offset)
    {
        long value = 0;
        for (var count = 0; count < 9 && offset + count < page.Length; count++)
        {
            var part = page[offset + count];
            if (count == 8)
            {
                return (value << 8) | part;
            }

            value = (value << 7) | (part & 0x7FL);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A cell ends outside of its page.");
    }
}
