using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>A virtual table as its statement tells it: SQLite has parsed it before, so it is well formed.</summary>
/// <param name="Module">In small letters.</param>
/// <param name="Arguments">As they were written, between the parentheses.</param>
internal sealed record VirtualTable(string Name, string Module, string Arguments)
{
    /// <summary>SQLite writes these words itself, whatever was typed.</summary>
    private const string Begin = "CREATE VIRTUAL TABLE ";

    private const string Using = "USING";

    public bool IsFullText => Module is "fts3" or "fts4" or "fts5";

    /// <summary>Where a full-text table keeps its rows, when that is another table or a view; null when it keeps them itself or not at all.</summary>
    public string? Content => IsFullText && Option("content") is { Length: > 0 } content ? content : null;

    public static IReadOnlyList<VirtualTable> Read(SqliteConnection connection) =>
    [
        .. connection.ReadRows(
            """
            SELECT name, sql
            FROM sqlite_schema
            WHERE type = 'table'
                AND COALESCE(rootpage, 0) = 0
                AND sql IS NOT NULL
            ORDER BY name
            """,
            row => Parse(row.GetString(0), row.GetString(1))).OfType<VirtualTable>(),
    ];

    /// <summary>Why it can't be read here; null when it can.</summary>
    public SqliteException? FindFault(SqliteConnection connection)
    {
        var name = SqliteStatements.Quoted(Name);
        try
        {
            // FTS5 asks for its tokenizer only when it is searched.
            connection.Execute(IsFullText ? $"SELECT 1 FROM main.{name} WHERE {name} MATCH 'a' LIMIT 1" : $"SELECT 1 FROM main.{name} LIMIT 0");
            return null;
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return error;
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            // Damage is for the check of the structure to find.
            return null;
        }
    }

    /// <summary>The value of "key=value" among the arguments, without its quotes; null where it is not given.</summary>
    public string? Option(string key)
    {
        foreach (var argument in SqlText.Split(Arguments))
        {
            var sign = argument.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0 && string.Equals(argument[..sign].Trim(), key, StringComparison.OrdinalIgnoreCase))
            {
                return SqlText.Unquoted(argument[(sign + 1)..].Trim());
            }
        }

        return null;
    }

    private static VirtualTable? Parse(string name, string sql)
    {
        if (!sql.StartsWith(Begin, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var at = SqlText.WordAt(sql, Using);
        if (at < 0)
        {
            return null;
        }

        var rest = sql[(at + Using.Length)..].Trim();
        var open = rest.IndexOf('(', StringComparison.Ordinal);
        var close = rest.LastIndexOf(')');
        return open < 0 || close < open
            ? new VirtualTable(name, SqlText.Unquoted(rest).ToLowerInvariant(), "")
            : new VirtualTable(name, SqlText.Unquoted(rest[..open].Trim()).ToLowerInvariant(), rest[(open + 1)..close]);
    }
}
