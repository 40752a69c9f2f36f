using System.Runtime.InteropServices;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// Counts the rows of each table in what <c>pg_restore --data-only</c> writes: blocks that begin with <c>COPY table (columns) FROM stdin;</c>
/// and end with a line of <c>\.</c>, one line a row. Names may hold line breaks and look like statements, so quotes are followed. Fed piece by piece, and in one pass.
/// </summary>
internal sealed class ArchiveRows
{
    private static readonly byte[] End = "\\.\n"u8.ToArray();
    private static readonly byte[] Copy = "COPY "u8.ToArray();
    private static readonly byte[] FromHere = " FROM stdin;\n"u8.ToArray();

    private readonly Dictionary<TableName, long> _rows = [];
    private readonly List<byte> _line = [];
    private TableName? _table;
    private Within _within;
    private byte _last;

    private enum Within
    {
        Nothing,
        Name,
        Value,

        /// <summary>A comment, or a command for psql.</summary>
        LineOfNoStatement,
    }

    /// <summary>Whether nothing was cut off.</summary>
    public bool IsComplete => _table is null && _line.Count == 0 && _within == Within.Nothing;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<TableRows> Rows => [.. _rows.Select(row => new TableRows(row.Key.ToString(), row.Value)).OrderBy(row => row.Table, StringComparer.Ordinal)];

    public void Take(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            text = _table is { } table ? TakeRows(table, text) : TakeStatement(text);
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

    /// <summary>Text outside of rows, up to the end of a statement. Nothing but a COPY is kept of it: large objects are written as statements too.</summary>
    private ReadOnlySpan<byte> TakeStatement(ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (_within != Within.Nothing)
            {
                var end = text[at..].IndexOf(_within switch { Within.Name => (byte)'"', Within.Value => (byte)'\'', _ => (byte)'\n' });
                if (_within is Within.Name or Within.Value)
                {
                    Keep(end < 0 ? text[at..] : text.Slice(at, end + 1));
                }

                if (end < 0)
                {
                    return [];
                }

                // A doubled quote ends a name and begins the rest of it.
                (at, _within) = (at + end, Within.Nothing);
                continue;
            }

            var one = text[at];
            if (_line.Count == 0 && one is (byte)'\n' or (byte)'\\')
            {
                _within = one == '\n' ? Within.Nothing : Within.LineOfNoStatement;
                continue;
            }

            var isEnd = one == '\n' && _last == ';';
            Keep(text.Slice(at, 1));
            if (isEnd)
            {
                ReadCopy();
                _line.Clear();
                return text[(at + 1)..];
            }

            _within = one switch { (byte)'"' => Within.Name, (byte)'\'' => Within.Value, _ => Within.Nothing };
            if (_line is [(byte)'-', (byte)'-'])
            {
                _line.Clear();
                _within = Within.LineOfNoStatement;
            }
        }

        return [];
    }

    private void Keep(ReadOnlySpan<byte> text)
    {
        _last = text.IsEmpty ? _last : text[^1];
        if (_line.Count < Copy.Length)
        {
            var begin = Math.Min(text.Length, Copy.Length - _line.Count);
            _line.AddRange(text[..begin]);
            text = text[begin..];
        }

        if (_line.Count >= Copy.Length && CollectionsMarshal.AsSpan(_line).StartsWith(Copy))
        {
            _line.AddRange(text);
        }
    }

    /// <summary>Begins the rows of a table where the statement is a COPY of rows that follow.</summary>
    private void ReadCopy()
    {
        var statement = CollectionsMarshal.AsSpan(_line);
        if (statement.StartsWith(Copy) && statement.EndsWith(FromHere))
        {
            var table = ReadTarget(Encoding.UTF8.GetString(statement[Copy.Length..]));
            _rows.TryAdd(table, 0);
            _table = table;
        }
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
