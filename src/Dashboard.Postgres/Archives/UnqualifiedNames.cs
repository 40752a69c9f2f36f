namespace Dashboard.Postgres.Archives;

internal enum NameKind
{
    Function,
    Relation,
    Type,
    Operator,
}

/// <summary>A name without its schema in the body of a function: found with an empty search_path only in pg_catalog.</summary>
internal sealed record UnqualifiedName(NameKind Kind, string Name);

/// <summary>
/// Finds names without a schema in a body of SQL or PL/pgSQL. What only the server knows (its own functions, types, operators, keywords) is asked of it later;
/// relations count only where the archive defines one of that name, for a variable or an alias looks the same.
/// </summary>
internal sealed class UnqualifiedNames(IReadOnlyList<Token> body, IReadOnlySet<string> relations)
{
    /// <summary>After these an expression begins, or a function that returns rows.</summary>
    private static readonly HashSet<string> BeforeExpression =
    [
        "select", "distinct", "all", "where", "and", "or", "not", "on", "when", "then", "else", "case", "return", "perform", "by", "having", "from", "join", "lateral",
        "if", "elsif", "elseif", "while", "between", "like", "ilike", "limit", "offset", "call", "default", "in", "begin", "loop", "query", "next", "assert",
    ];

    /// <summary>Words of PL/pgSQL, and of SQL where it takes a parenthesis for something else than a call.</summary>
    private static readonly HashSet<string> NoFunction =
        ["if", "elsif", "elseif", "while", "return", "perform", "raise", "execute", "loop", "foreach", "query", "next", "assert", "conflict", "sets", "by", "over", "filter", "materialized", "begin", "declare", "exception", "call"];

    /// <summary>Their FROM is no FROM.</summary>
    private static readonly HashSet<string> OwnFrom = ["extract", "substring", "trim", "overlay"];

    /// <summary>Words and signs of PL/pgSQL, not operators.</summary>
    private static readonly HashSet<string> NoOperator = ["=>", "<<", ">>", "*"];

    private readonly HashSet<UnqualifiedName> _found = [];
    private readonly HashSet<string> _local = [];
    private readonly Stack<string> _calls = new();
    private bool _isDeclaring;

    public IReadOnlyList<UnqualifiedName> Find()
    {
        for (var at = 0; at < body.Count; at++)
        {
            if (At(at).Kind == TokenKind.Word && IsCommonTable(at))
            {
                _local.Add(At(at).Text);
            }
        }

        for (var at = 0; at < body.Count; at++)
        {
            _isDeclaring = At(at).Is("declare") || (_isDeclaring && !At(at).Is("begin"));
            Look(at);
        }

        return [.. _found];
    }

    private Token At(int at) => at >= 0 && at < body.Count ? body[at] : default;

    private void Look(int at)
    {
        var token = At(at);
        if (token.Is("("))
        {
            _calls.Push(At(at - 1).Kind == TokenKind.Word ? At(at - 1).Text : "");
        }
        else if (token.Is(")"))
        {
            _calls.TryPop(out _);
        }
        else if (token.Kind == TokenKind.Operator && !NoOperator.Contains(token.Text))
        {
            _found.Add(new UnqualifiedName(NameKind.Operator, token.Text));
        }
        else if (token.Kind == TokenKind.Word && !At(at - 1).Is("."))
        {
            LookAtName(at, token);
        }
    }

    private void LookAtName(int at, Token token)
    {
        if (IsRowType(at) && relations.Contains(token.Text))
        {
            _found.Add(new UnqualifiedName(NameKind.Relation, token.Text));
        }
        else if (At(at + 1).Is("."))
        {
            // With its schema, or a column of an alias.
        }
        else if (IsTypeHere(at, token))
        {
            _found.Add(new UnqualifiedName(NameKind.Type, token.Text));
        }
        else if (At(at + 1).Is("("))
        {
            if (IsAfterExpressionStart(at) && (token.IsQuoted || !NoFunction.Contains(token.Text)) && !_local.Contains(token.Text))
            {
                _found.Add(new UnqualifiedName(NameKind.Function, token.Text));
            }
        }
        else if (IsRelationHere(at) && relations.Contains(token.Text) && !_local.Contains(token.Text))
        {
            _found.Add(new UnqualifiedName(NameKind.Relation, token.Text));
        }
    }

    private bool IsAfterExpressionStart(int at) => At(at - 1) switch
    {
        { Kind: TokenKind.Operator } => true,
        { Kind: TokenKind.Sign, Text: var sign } => sign is "(" or "," or ";" or ":=" or "[",
        { Kind: TokenKind.Word, IsQuoted: false, Text: var word } => BeforeExpression.Contains(word),
        var none => none == default,
    };

    /// <summary>"x AS (", "x (a, b) AS (" after WITH or a comma.</summary>
    private bool IsCommonTable(int at)
    {
        if (!(At(at - 1).Is("with") || At(at - 1).Is("recursive") || At(at - 1).Is(",")))
        {
            return false;
        }

        var next = at + 1;
        if (At(next).Is("("))
        {
            while (next < body.Count && !At(next).Is(")"))
            {
                next++;
            }

            next++;
        }

        return At(next).Is("as") && (At(next + 1).Is("(") || At(next + 1).Is("materialized") || At(next + 1).Is("not"));
    }

    /// <summary>"x::mood", "CAST (x AS mood)", "DECLARE x mood".</summary>
    private bool IsTypeHere(int at, Token token) =>
        At(at - 1).Is("::")
        || (At(at - 1).Is("as") && _calls.TryPeek(out var call) && call == "cast" && !At(at + 1).Is("("))
        || (_isDeclaring && token.Text is not ("alias" or "constant") && At(at - 1).Kind == TokenKind.Word && IsBeginOfDeclaration(At(at - 1).Is("constant") ? at - 2 : at - 1) && At(at + 1) is not { Kind: TokenKind.Operator, Text: "%" });

    private bool IsBeginOfDeclaration(int at) => At(at).Kind == TokenKind.Word && (At(at - 1).Is("declare") || At(at - 1).Is(";"));

    /// <summary>"orders%ROWTYPE", "orders.id%TYPE".</summary>
    private bool IsRowType(int at) =>
        (At(at + 1) is { Kind: TokenKind.Operator, Text: "%" } && At(at + 2).Is("rowtype"))
        || (At(at + 1).Is(".") && At(at + 2).Kind == TokenKind.Word && At(at + 3) is { Kind: TokenKind.Operator, Text: "%" } && At(at + 4).Is("type"));

    private bool IsRelationHere(int at)
    {
        var before = At(at - 1).Is("only") ? at - 2 : at - 1;
        return At(before).Is("from") ? !At(before - 1).Is("distinct") && !(_calls.TryPeek(out var call) && OwnFrom.Contains(call))
            : At(before).Is("join") || (At(before).Is("into") && At(before - 1).Is("insert"))
            || (At(before).Is("update") && (At(at + 1).Is("set") || At(at + 2).Is("set") || At(at + 3).Is("set")));
    }
}
