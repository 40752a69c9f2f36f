using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// What a schema uses and this SQLite does not have, because the application brings it: a collation, a function, the module of a virtual table,
/// a tokenizer. SQLite names it in its message only.
/// </summary>
/// <param name="Kind">"collation", as it is called in a sentence.</param>
internal sealed record MissingPart(string Kind, string Name)
{
    public const string Collation = "collation";
    public const string Function = "function";

    public const string NextStep = "Do this from the application, or with a tool that loads the same extension.";

    /// <summary>Whether <see cref="StandIns"/> can take its place.</summary>
    public bool CanStandIn => Kind is Collation or Function;

    private static readonly (string Begin, string End, string Kind)[] Messages =
    [
        ("no such collation sequence: ", "", Collation),
        ("no such function: ", "", Function),
        ("unknown function: ", "()", Function),
        ("wrong number of arguments to function ", "()", Function),
        ("no such module: ", "", "module"),
        ("no such tokenizer: ", "", "tokenizer"),
        ("unknown tokenizer: ", "", "tokenizer"),
    ];

    public static MissingPart? Of(SqliteException error)
    {
        if (error.SqliteErrorCode != raw.SQLITE_ERROR)
        {
            return null;
        }

        var said = SqliteErrors.Said(error);
        return Messages.FirstOrDefault(message => said.StartsWith(message.Begin, StringComparison.Ordinal) && said.EndsWith(message.End, StringComparison.Ordinal)) is { Kind: { } kind } found
            ? new MissingPart(kind, said[found.Begin.Length..^found.End.Length])
            : null;
    }

    /// <summary>What is missing, or SQLite's words where that is not it.</summary>
    public static string Reason(SqliteException error) => Of(error)?.ToString() ?? SqliteErrors.Said(error);

    /// <summary>"the collation german".</summary>
    public override string ToString() => Name.Length > 0 ? $"the {Kind} {Name}" : $"a {Kind}";
}
