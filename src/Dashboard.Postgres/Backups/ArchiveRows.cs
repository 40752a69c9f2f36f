using Dashboard.Core.Databases;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// Counts the rows of each table in what <c>pg_restore --data-only</c> writes: blocks that begin with <c>COPY table (columns) FROM stdin;</c>
/// and end with a line of <c>\.</c>, one line a row. Fed piece by piece, and in one pass.
/// </summary>
internal sealed class ArchiveRows
{
    private static readonly byte[] End = "\\.\n"u8.ToArray();
    private static readonly byte[] Copy = "COPY "u8.ToArray();

    private readonly Dictionary<TableName, long> _rows = [];
    private readonly List<byte> _line = [];
    private TableName? _table;

    /// <summary>Whether nothing was cut off.</summary>
    public bool IsComplete => _table is null && _line.Count == 0;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<TableRows> Rows => [.. _rows.Select(row => new TableRows(row.Key.ToString(), row.Value)).OrderBy(row => row.Table, StringComparer.Ordinal)];

    public void Take(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            text = _table is { } table ? TakeRows(table, text) : TakeLine(text);
        }
    }

    /// <summary>Rows by the thousand: only the line that is cut by the end of a piece is kept.</summary>
    private ReadOnlySpan<byte> TakeRows(TableName table, ReadOnlySpan<byte> text)
    {
        if (_line.Count > 0)
        {
            var rest = text.IndexOf((byte)'\n');
            if (rest < 0)
            {
                _line.AddRange(text);
                return [];
            }

            _line.AddRange(text[..(rest + 1)]);
            var isEnd = _line.Count == End.Length && _line[0] == End[0] && _line[1] == End[1];
            _line.Clear();
            if (isEnd)
            {
                _table = null;
            }
            else
            {
                _rows[table]++;
            }

            return text[(rest + 1)..];
        }

        var end = text.StartsWith(End) ? 0 : IndexAfterLine(text);
        if (end >= 0)
        {
            _rows[table] += text[..end].Count((byte)'\n');
            _table = null;
            return text[(end + End.Length)..];
        }

        var last = text.LastIndexOf((byte)'\n');
        _rows[table] += text[..(last + 1)].Count((byte)'\n');
        _line.AddRange(text[(last + 1)..]);
        return [];
    }

    private static int IndexAfterLine(ReadOnlySpan<byte> text)
    {
        var found = text.IndexOf("\n\\.\n"u8);
        return found < 0 ? -1 : found + 1;
    }

    private ReadOnlySpan<byte> TakeLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        _line.AddRange(end < 0 ? text : text[..end]);
        if (end < 0)
        {
            return [];
        }

        if (_line.Count > Copy.Length && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line).StartsWith(Copy))
        {
            var line = System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line));
            if (line.EndsWith(" FROM stdin;", StringComparison.Ordinal))
            {
                var table = ReadTarget(line.AsSpan(Copy.Length));
                _rows.TryAdd(table, 0);
                _table = table;
            }
        }

        _line.Clear();
        return text[(end + 1)..];
    }

    /// <summary>"public.\"Odd table\" (id, name) FROM stdin;": up to the first space outside of quotes.</summary>
    private static TableName ReadTarget(ReadOnlySpan<char> target)
    {
        var isQuoted = false;
        var at = 0;
        for (; at < target.Length && (isQuoted || target[at] != ' '); at++)
        {
            isQuoted ^= target[at] == '"';
        }

        return TableName.Parse(target[..at].ToString());
    }
}
