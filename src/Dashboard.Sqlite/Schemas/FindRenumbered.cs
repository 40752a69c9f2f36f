using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>A table whose rows VACUUM numbers anew.</summary>
/// <param name="Users">What keeps these numbers, by name: "full-text table note_fts". Empty where nothing was found.</param>
internal sealed record Renumbered(string Table, IReadOnlyList<string> Users);

/// <summary>
/// VACUUM keeps the rowids of a table that has an INTEGER PRIMARY KEY or an index, and no others (https://www.sqlite.org/lang_vacuum.html, how VACUUM works).
/// Full-text tables and triggers that keep such numbers are found. A column in which an application keeps them by a convention of its own can't be.
/// </summary>
internal static class FindRenumbered
{
    private static readonly int[] Writing = [raw.SQLITE_INSERT, raw.SQLITE_UPDATE, raw.SQLITE_DELETE];

    public static IReadOnlyList<Renumbered> Run(SqliteConnection connection)
    {
        var tables = connection.ReadTexts(
            """
            SELECT name
            FROM pragma_table_list AS tables
            WHERE schema = 'main'
                AND type = 'table'
                AND wr = 0
                AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
                AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND tbl_name = tables.name COLLATE NOCASE)
                AND NOT EXISTS (SELECT 1 FROM pragma_table_info(tables.name, 'main') WHERE pk > 0)
            ORDER BY name
            """);
        if (tables.Count == 0)
        {
            return [];
        }

        var searches = FindSearches(connection);
        var triggers = FindTriggers(connection);
        return
        [
            .. tables.Select(table => new Renumbered(
                table,
                UsersOf(table, searches) is { Count: > 0 } users ? users : UsersOf(table, triggers))),
        ];
    }

    private static IReadOnlyList<string> UsersOf(string table, List<(string Table, string User)> uses) =>
        [.. uses.Where(use => string.Equals(use.Table, table, StringComparison.OrdinalIgnoreCase)).Select(use => use.User).Distinct()];

    /// <summary>Full-text tables that find the rows of another table, or of the tables behind a view, by their rowids.</summary>
    private static List<(string Table, string User)> FindSearches(SqliteConnection connection) =>
    [
        .. VirtualTable.Read(connection).Where(table => table.Content is not null).SelectMany(table =>
            Watch(connection, $"SELECT * FROM main.{SqliteStatements.Quoted(table.Content!)}")
                .Where(step => step.IsRowid)
                .Select(step => step.Table)
                .Append(table.Content!)
                .Select(content => (content, $"full-text table {table.Name}"))),
    ];

    /// <summary>Triggers that read the rowid of a table and write into another one: a search index without content, an audit table.</summary>
    private static List<(string Table, string User)> FindTriggers(SqliteConnection connection)
    {
        List<(string, string)> uses = [];
        foreach (var target in connection.ReadTexts("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger' ORDER BY tbl_name"))
        {
            var name = $"main.{SqliteStatements.Quoted(target)}";
            var columns = ColumnsOf(connection, target);
            string[] changes = columns.Count == 0 ? [] : [$"INSERT INTO {name} DEFAULT VALUES", $"DELETE FROM {name}", $"UPDATE {name} SET {string.Join(", ", columns.Select(column => $"{column} = {column}"))}"];
            foreach (var steps in changes.SelectMany(change => Watch(connection, change)).Where(step => step.Inner is not null).GroupBy(step => step.Inner))
            {
                uses.AddRange(steps
                    .Where(read => read.IsRowid && steps.Any(write => Writing.Contains(write.Action) && !string.Equals(write.Table, read.Table, StringComparison.OrdinalIgnoreCase)))
                    .Select(read => (read.Table, $"trigger {steps.Key}")));
            }
        }

        return uses;
    }

    /// <summary>None of a view that is broken: a trigger on it never runs.</summary>
    private static List<string> ColumnsOf(SqliteConnection connection, string target)
    {
        try
        {
            return connection.ReadRows("SELECT name FROM pragma_table_xinfo($table, 'main') WHERE hidden = 0", row => SqliteStatements.Quoted(row.GetString(0)), ("$table", target));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return [];
        }
    }

    /// <param name="Inner">The trigger or view that the step is of.</param>
    private readonly record struct Step(int Action, string Table, string? Column, string? Inner)
    {
        public bool IsRowid => Action == raw.SQLITE_READ && Column == "ROWID";
    }

    /// <summary>What SQLite would do for a statement, which is compiled and not run. Nothing for one that can't be compiled here.</summary>
    private static List<Step> Watch(SqliteConnection connection, string sql)
    {
        List<Step> steps = [];
        strdelegate_authorizer listen = (_, action, first, second, _, inner) =>
        {
            steps.Add(new Step(action, first ?? "", second, inner));
            return raw.SQLITE_OK;
        };
        raw.sqlite3_set_authorizer(connection.Handle!, listen, null);
        try
        {
            StandIns.Run(connection, () => Prepare.FindFault(connection, sql) is { } fault && MissingPart.Of(fault) is { CanStandIn: true } ? throw fault : true);
            return steps;
        }
        finally
        {
            raw.sqlite3_set_authorizer(connection.Handle!, (strdelegate_authorizer)null!, null);
        }
    }
}
