using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Archives;

internal enum TokenKind
{
    /// <summary>A name or a keyword; in lower case unless it was quoted.</summary>
    Word,

    /// <summary>What stands between quotes or dollar quotes.</summary>
    Text,

    Operator,

    /// <summary>One sign: a parenthesis, comma, dot, semicolon; or "::" or ":=".</summary>
    Sign,

    Number,
}

internal readonly record struct Token(TokenKind Kind, string Text, bool IsQuoted = false)
{
    public bool Is(string text) => Kind is TokenKind.Word or TokenKind.Sign && !IsQuoted && Text == text;
}

/// <summary>Takes SQL, or the body of a function, apart as PostgreSQL's own scanner does. Comments are left out.</summary>
internal static partial class SqlTokens
{
    private const string OperatorSigns = "+-*/<>=~!@#%^&|`?";

    /// <summary>With one of these in it an operator may end in a plus or minus.</summary>
    private static readonly SearchValues<char> Strong = SearchValues.Create("~!@#%^&|`?");

    public static List<Token> Read(string sql)
    {
        List<Token> tokens = [];
        var at = 0;
        while (at < sql.Length)
        {
            at = Next(sql, at, tokens);
        }

        return tokens;
    }

    private static int Next(string sql, int at, List<Token> tokens)
    {
        var letter = sql[at];
        var next = at + 1 < sql.Length ? sql[at + 1] : '\0';
        if (char.IsWhiteSpace(letter))
        {
            return at + 1;
        }

        if (letter == '-' && next == '-')
        {
            return sql.IndexOf('\n', at) is var end and >= 0 ? end + 1 : sql.Length;
        }

        if (letter == '/' && next == '*')
        {
            return AfterComment(sql, at);
        }

        if (letter is 'e' or 'E' && next == '\'')
        {
            return Quoted(sql, at + 1, '\'', isEscaping: true, tokens);
        }

        if (letter is '\'' or '"')
        {
            return Quoted(sql, at, letter, isEscaping: false, tokens);
        }

        if (letter == '$' && Dollar().Match(sql, at) is { Success: true } tag && tag.Index == at)
        {
            var begin = at + tag.Length;
            var end = sql.IndexOf(tag.Value, begin, StringComparison.Ordinal);
            tokens.Add(new Token(TokenKind.Text, sql[begin..(end < 0 ? sql.Length : end)]));
            return end < 0 ? sql.Length : end + tag.Length;
        }

        if (char.IsLetter(letter) || letter is '_' or > '\x7f')
        {
            return While(sql, at, c => char.IsLetterOrDigit(c) || c is '_' or '$' or > '\x7f', TokenKind.Word, tokens);
        }

        if (char.IsAsciiDigit(letter) || letter == '$')
        {
            return While(sql, at, c => char.IsLetterOrDigit(c) || c is '$', TokenKind.Number, tokens);
        }

        return OperatorSigns.Contains(letter, StringComparison.Ordinal) ? Operator(sql, at, tokens) : Sign(sql, at, next, tokens);
    }

    private static int While(string sql, int at, Func<char, bool> belongs, TokenKind kind, List<Token> tokens)
    {
        var end = at + 1;
        while (end < sql.Length && belongs(sql[end]))
        {
            end++;
        }

        tokens.Add(new Token(kind, sql[at..end].ToLowerInvariant()));
        return end;
    }

    private static int Sign(string sql, int at, char next, List<Token> tokens)
    {
        var length = sql[at] == ':' && (next is ':' or '=') ? 2 : 1;
        tokens.Add(new Token(TokenKind.Sign, sql.Substring(at, length)));
        return at + length;
    }

    private static int Operator(string sql, int at, List<Token> tokens)
    {
        var end = at + 1;
        while (end < sql.Length && OperatorSigns.Contains(sql[end], StringComparison.Ordinal) && !(sql[end] == '-' && end + 1 < sql.Length && sql[end + 1] == '-') && !(sql[end] == '/' && end + 1 < sql.Length && sql[end + 1] == '*'))
        {
            end++;
        }

        while (end - at > 1 && (sql[end - 1] is '+' or '-') && sql.AsSpan(at, end - at).IndexOfAny(Strong) < 0)
        {
            end--;
        }

        tokens.Add(new Token(TokenKind.Operator, sql[at..end]));
        return end;
    }

    private static int Quoted(string sql, int at, char quote, bool isEscaping, List<Token> tokens)
    {
        var text = new StringBuilder();
        var end = at + 1;
        for (; end < sql.Length; end++)
        {
            if (sql[end] == quote && end + 1 < sql.Length && sql[end + 1] == quote)
            {
                text.Append(sql[end++]);
            }
            else if (sql[end] == quote)
            {
                break;
            }
            else
            {
                end += isEscaping && sql[end] == '\\' && end + 1 < sql.Length ? 1 : 0;
                text.Append(sql[end]);
            }
        }

        tokens.Add(quote == '"' ? new Token(TokenKind.Word, text.ToString(), IsQuoted: true) : new Token(TokenKind.Text, text.ToString()));
        return Math.Min(sql.Length, end + 1);
    }

    private static int AfterComment(string sql, int at)
    {
        var depth = 0;
        for (; at < sql.Length - 1; at++)
        {
            var change = (sql[at], sql[at + 1]) switch { ('/', '*') => 1, ('*', '/') => -1, _ => 0 };
            depth += change;
            at += Math.Abs(change);
            if (depth == 0 && change != 0)
            {
                return at + 1;
            }
        }

        return sql.Length;
    }

    [GeneratedRegex(@"\G\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$", RegexOptions.CultureInvariant)]
    private static partial Regex Dollar();
}
