using System.Text;
using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Foreign;

/// <summary>
/// Follows a script of pg_dump line by line: where statements begin, where rows are. Owners and rights are left out, as pg_restore does with --no-owner and
/// --no-acl: whoever runs it can't give anything to others. What it takes for one thing and is another, the server or psql refuses; nothing relies on it for safety.
/// </summary>
internal sealed partial class DumpScript
{
    private readonly SortedSet<string> _roles = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _extensions = new(StringComparer.Ordinal);
    private string? _key;
    private string? _dollar;
    private char _quote;
    private int _comments;
    private bool _isEscaping;
    private bool _isInRows;
    private bool _isAtStart = true;

    /// <summary>To whom things belong, or who has rights.</summary>
    public IReadOnlyCollection<string> Roles => _roles;

    public IReadOnlyCollection<string> Extensions => _extensions;

    /// <summary>How many lines were left out that name owners or rights.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Whether a line, without its end, is to be run. Bytes are taken for Latin-1: only ASCII is looked at.</summary>
    public bool Take(ReadOnlySpan<byte> line)
    {
        if (_isInRows)
        {
            _isInRows = !line.SequenceEqual("\\."u8);
            return true;
        }

        var wasAtStart = IsOutside && _isAtStart;
        if (wasAtStart && line.Length > 0 && line[0] == '\\')
        {
            return !IsOwnRestriction(Encoding.Latin1.GetString(line));
        }

        Follow(line);
        if (!wasAtStart || !IsOutside || !_isAtStart || line.Length == 0 || line[0] is not ((byte)'A' or (byte)'C' or (byte)'G' or (byte)'R' or (byte)'S'))
        {
            return true;
        }

        return Look(Encoding.UTF8.GetString(line));
    }

    private bool IsOutside => _dollar is null && _quote == default && _comments == 0;

    /// <summary>A newer pg_dump restricts psql itself. Ours is in force already and would refuse that, so its pair is left out, and only that.</summary>
    private bool IsOwnRestriction(string line)
    {
        if (_key is null && line.StartsWith("\\restrict ", StringComparison.Ordinal))
        {
            _key = line["\\restrict ".Length..].Trim();
            return true;
        }

        return _key is not null && line.TrimEnd() == "\\unrestrict " + _key;
    }

    private bool Look(string statement)
    {
        if (Rows().IsMatch(statement))
        {
            _isInRows = true;
            return true;
        }

        if (Extension().Match(statement) is { Success: true } extension)
        {
            _extensions.Add(Plain(extension.Groups[1].Value));
            return true;
        }

        if (!Rights().IsMatch(statement) && !Owner().IsMatch(statement))
        {
            return true;
        }

        if (Role().Match(statement) is { Success: true } role && role.Groups[1].Value != "PUBLIC")
        {
            _roles.Add(Plain(role.Groups[1].Value));
        }

        LeftOut++;
        return false;
    }

    private static string Plain(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    /// <summary>Quotes, dollar quotes and comments, over as many lines as they take.</summary>
    private void Follow(ReadOnlySpan<byte> line)
    {
        for (var at = 0; at < line.Length; at++)
        {
            var letter = (char)line[at];
            var next = at + 1 < line.Length ? (char)line[at + 1] : '\n';
            if (_dollar is not null)
            {
                if (letter == '$' && line[at..].StartsWith(Encoding.Latin1.GetBytes(_dollar)))
                {
                    at += _dollar.Length - 1;
                    _dollar = null;
                }
            }
            else if (_comments > 0)
            {
                var change = (letter, next) switch { ('*', '/') => -1, ('/', '*') => 1, _ => 0 };
                _comments += change;
                at += Math.Abs(change);
            }
            else if (_quote != default)
            {
                at += _isEscaping && letter == '\\' ? 1 : 0;
                _quote = letter == _quote ? default : _quote;
            }
            else if (letter == '-' && next == '-')
            {
                return;
            }
            else if (letter == '/' && next == '*')
            {
                _comments = 1;
                at++;
            }
            else if (letter is '\'' or '"')
            {
                _quote = letter;
                _isEscaping = letter == '\'' && at > 0 && line[at - 1] is (byte)'E' or (byte)'e';
                _isAtStart = false;
            }
            else if (letter == '$' && Tag().Match(Encoding.Latin1.GetString(line[at..Math.Min(line.Length, at + 66)])) is { Success: true } tag)
            {
                _dollar = tag.Value;
                at += tag.Length - 1;
                _isAtStart = false;
            }
            else if (letter == ';')
            {
                _isAtStart = true;
            }
            else if (!char.IsWhiteSpace(letter))
            {
                _isAtStart = false;
            }
        }
    }

    [GeneratedRegex("^COPY .* FROM stdin;$", RegexOptions.CultureInvariant)]
    private static partial Regex Rows();

    [GeneratedRegex("^CREATE EXTENSION (?:IF NOT EXISTS )?(\"(?:[^\"]|\"\")+\"|[^\\s;]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Extension();

    [GeneratedRegex("^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION) .*;$", RegexOptions.CultureInvariant)]
    private static partial Regex Rights();

    [GeneratedRegex("^ALTER .* OWNER TO (?:\"(?:[^\"]|\"\")+\"|[^\\s;]+);$", RegexOptions.CultureInvariant)]
    private static partial Regex Owner();

    [GeneratedRegex("(?:TO|FROM) (\"(?:[^\"]|\"\")+\"|[^\\s;]+)(?: WITH GRANT OPTION)?;$", RegexOptions.CultureInvariant)]
    private static partial Regex Role();

    [GeneratedRegex("^\\$(?:[A-Za-z_\\x80-\\xff][A-Za-z0-9_\\x80-\\xff]*)?\\$", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
