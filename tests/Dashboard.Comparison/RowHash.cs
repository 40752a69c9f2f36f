using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Dashboard.Comparison;

/// <summary>Rows as a number and a hash that does not depend on their order: two rows that are equal count twice.</summary>
public sealed class RowHash
{
    private BigInteger _sum;
    private long _rows;

    public void Add(ReadOnlySpan<byte> row)
    {
        _sum += new BigInteger(SHA256.HashData(row), isUnsigned: true);
        _rows++;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_rows} rows, {Convert.ToHexStringLower(SHA256.HashData(_sum.ToByteArray()))[..16]}");
}

/// <summary>One row, byte for byte: each value with its type and its length.</summary>
internal sealed class RowBytes
{
    private readonly MemoryStream _bytes = new();

    public void Begin() => _bytes.SetLength(0);

    public void Add(byte type, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[9];
        head[0] = type;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], value.Length);
        _bytes.Write(head);
        _bytes.Write(value);
    }

    public void Add(byte type, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Add(type, bytes);
    }

    public ReadOnlySpan<byte> End() => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);
}
