using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Statements;

/// <summary>
/// While SQLite prepares a statement it asks here about every step of it (https://www.sqlite.org/c3ref/set_authorizer.html), views followed.
/// The one authorizer of this product; what it lets through is said by a <see cref="StatementPolicy"/>.
/// </summary>
/// <remarks>
/// A full-text or r-tree table prepares statements of its own when it is first used, also those that would write to its shadow tables. They are let through;
/// whoever runs a typed statement demands that it only reads (sqlite3_stmt_readonly), so none of them is ever run by it.
/// </remarks>
internal sealed class StatementAuthorizer : IDisposable
{
    /// <summary>What is neither a function nor a pragma.</summary>
    public const string Writing = "anything but reading";

    private const string PragmaTable = "pragma_";

    private readonly SqliteConnection _connection;
    private readonly HashSet<string> _shadows;

    public StatementAuthorizer(SqliteConnection connection)
    {
        _connection = connection;
        _shadows = connection.ReadTexts("SELECT name FROM pragma_table_list WHERE type = 'shadow'").ToHashSet(StringComparer.OrdinalIgnoreCase);
        raw.sqlite3_set_authorizer(connection.Handle!, (strdelegate_authorizer)Judge, null);
    }

    /// <summary>What holds now; null while everything is possible, for statements that nobody typed.</summary>
    public StatementPolicy? Policy { get; set; }

    /// <summary>What was refused last.</summary>
    public string? Denied { get; set; }

    public void Dispose() => raw.sqlite3_set_authorizer(_connection.Handle!, (strdelegate_authorizer)null!, null);

    private int Judge(object user, int action, string first, string second, string database, string inner)
    {
        if (Policy is not { } policy || Allows(policy, action, first, second))
        {
            return raw.SQLITE_OK;
        }

        Denied = action switch
        {
            raw.SQLITE_FUNCTION => $"the function {second}",
            raw.SQLITE_PRAGMA => $"PRAGMA {first}{(string.IsNullOrEmpty(second) ? "" : " with a value")}",
            raw.SQLITE_RECURSIVE => "a recursive query",
            _ => Writing,
        };
        return raw.SQLITE_DENY;
    }

    private bool Allows(StatementPolicy policy, int action, string? first, string? second) => action switch
    {
        raw.SQLITE_SELECT => true,

        // A pragma as a table is asked for only when it is run; its name tells before.
        raw.SQLITE_READ => first is null || !first.StartsWith(PragmaTable, StringComparison.OrdinalIgnoreCase) || policy.Pragmas.Contains(first[PragmaTable.Length..]),
        raw.SQLITE_TRANSACTION => ReferenceEquals(policy, StatementPolicy.RowCondition),
        raw.SQLITE_RECURSIVE => policy.Recurses,
        raw.SQLITE_FUNCTION => second is not null && policy.Functions.Contains(second),
        raw.SQLITE_PRAGMA => first is not null && policy.Pragmas.Contains(first) && (string.IsNullOrEmpty(second) || !first.StartsWith("page", StringComparison.OrdinalIgnoreCase)),
        raw.SQLITE_INSERT or raw.SQLITE_DELETE or raw.SQLITE_UPDATE => first is not null && _shadows.Contains(first),
        _ => false,
    };
}
