using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Archives;

/// <summary>Takes the script of pg_restore --verbose apart, line by line: a head of comments before each entry, then its statements.</summary>
internal sealed partial class EntryReader
{
    private readonly List<ArchiveEntry> _entries = [];
    private readonly StringBuilder _sql = new();
    private readonly List<int> _needs = [];
    private string? _before;
    private int _id;
    private Match? _named;
    private bool _isInHead;

    public void Take(string line)
    {
        if (_before == "--" && Begin().Match(line) is { Success: true } begin)
        {
            Close();
            _id = int.Parse(begin.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            _isInHead = true;
        }
        else if (_isInHead)
        {
            TakeHead(line);
        }
        else
        {
            _sql.Append(line).Append('\n');
        }

        _before = line;
    }

    public IReadOnlyList<ArchiveEntry> End()
    {
        Close();
        return _entries;
    }

    private void TakeHead(string line)
    {
        if (line == "--")
        {
            _isInHead = false;
        }
        else if (line.StartsWith("-- Dependencies: ", StringComparison.Ordinal))
        {
            _needs.AddRange(line["-- Dependencies: ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)));
        }
        else if (Named().Match(line) is { Success: true } named)
        {
            _named = named;
        }
    }

    private void Close()
    {
        if (_named is { } named)
        {
            _entries.Add(new ArchiveEntry(_id, named.Groups[2].Value, Value(named.Groups[3]), named.Groups[1].Value, Value(named.Groups[4]), Value(named.Groups[5]), [.. _needs], _sql.ToString().TrimEnd('-', '\n').Trim()));
        }

        _named = null;
        _needs.Clear();
        _sql.Clear();
    }

    private static string? Value(Group group) => group.Success && group.Value is not ("" or "-") ? group.Value : null;

    [GeneratedRegex(@"^-- TOC entry (\d+) \(class \d+ OID \d+\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Begin();

    [GeneratedRegex("^-- Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: (.*?)(?:; Tablespace: (.*))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
