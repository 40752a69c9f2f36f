using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Retention;

/// <summary>A foreign key that points to the table, with the columns of the table that it points to.</summary>
internal sealed record IncomingKey(RowReference Reference, IReadOnlyList<string> ParentColumns, bool IsSelf);

/// <summary>The table that rows are removed from: how one row is told from another, and who points to them.</summary>
/// <param name="Key">As SQL: the rowid, or the primary key of a table without one.</param>
/// <param name="Columns">In their order, without hidden ones.</param>
internal sealed record RowTarget(string Table, IReadOnlyList<string> Key, IReadOnlyList<RowColumn> Columns, IReadOnlyList<IncomingKey> Incoming)
{
    private static readonly string[] RowidNames = ["rowid", "_rowid_", "oid"];

    /// <summary>The keys because of which a row stays. A cascade into the table itself would take rows along that are not old enough.</summary>
    public IEnumerable<IncomingKey> Holding(RowSelection selection) =>
        Incoming.Where(key => !selection.LetsKeysAct || key.Reference.Action == KeyAction.Stop || key is { IsSelf: true, Reference.Action: KeyAction.Cascade });

    /// <exception cref="TableMissingException">When there is no such table.</exception>
    public static RowTarget Read(SqliteConnection connection, string table, string location)
    {
        if (!Tables.Read(connection).Contains(table, StringComparer.Ordinal))
        {
            throw new TableMissingException($"{location} has no table called {table}.", "It may have been dropped or renamed; look at the list of its tables.");
        }

        var columns = ReadColumns(connection, table);
        return new RowTarget(table, ReadKey(connection, table, columns), columns, ReadIncoming(connection, table));
    }

    private static List<RowColumn> ReadColumns(SqliteConnection connection, string table) => connection.ReadRows(
        """
        SELECT name, COALESCE(type, ''), pk
        FROM pragma_table_xinfo($table, 'main')
        WHERE hidden <> 1
        ORDER BY cid
        """,
        row => new RowColumn(row.GetString(0), row.GetString(1), row.GetInt32(2)),
        ("$table", table));

    private static IReadOnlyList<string> ReadKey(SqliteConnection connection, string table, List<RowColumn> columns)
    {
        var hasRowid = connection.ReadRows("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = $table", row => row.GetInt64(0) == 0, ("$table", table)) is [true];
        if (!hasRowid)
        {
            return [.. columns.Where(column => column.KeyPosition > 0).OrderBy(column => column.KeyPosition).Select(column => SqliteStatements.Quoted(column.Name))];
        }

        return RowidNames.FirstOrDefault(name => !columns.Any(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))) is { } free
            ? [free]
            : throw new DatabaseException($"The columns of {table} hide the number of its rows (rowid), so one row can't be told from another.", "Rename one of the columns rowid, _rowid_ and oid.");
    }

    private static List<IncomingKey> ReadIncoming(SqliteConnection connection, string table)
    {
        var rows = connection.ReadRows(
            """
            SELECT tables.name, keys.id, keys."from", keys."to", keys.on_delete
            FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name, 'main') AS keys
            WHERE tables.schema = 'main'
                AND tables.type = 'table'
                AND keys."table" = $table COLLATE NOCASE
            ORDER BY tables.name, keys.id, keys.seq
            """,
            row => (Child: row.GetString(0), Id: row.GetInt64(1), From: row.GetString(2), To: row.IsDBNull(3) ? null : row.GetString(3), OnDelete: row.GetString(4)),
            ("$table", table));
        var primary = connection.ReadRows("SELECT name FROM pragma_table_info($table, 'main') WHERE pk > 0 ORDER BY pk", row => row.GetString(0), ("$table", table));
        return
        [
            .. rows.GroupBy(row => (row.Child, row.Id)).Select(key =>
            {
                IReadOnlyList<string> columns = [.. key.Select(row => row.From)];
                IReadOnlyList<string> parents = [.. key.Select((row, at) => row.To ?? primary.ElementAtOrDefault(at) ?? throw new DatabaseException($"The foreign key of {row.Child} points to a key that {table} does not have.", "Run the check of foreign keys, and mend the definition."))];
                var action = key.First().OnDelete switch { "CASCADE" => KeyAction.Cascade, "SET NULL" or "SET DEFAULT" => KeyAction.Clear, _ => KeyAction.Stop };
                return new IncomingKey(
                    new RowReference(key.Key.Child, columns, action, HasIndex(connection, key.Key.Child, columns)),
                    parents,
                    string.Equals(key.Key.Child, table, StringComparison.OrdinalIgnoreCase));
            }),
        ];
    }

    /// <summary>Whether an index, or the rowid itself, leads to the rows of these columns.</summary>
    private static bool HasIndex(SqliteConnection connection, string child, IReadOnlyList<string> columns)
    {
        var indexes = connection.ReadRows(
            """
            SELECT lists.name, infos.name
            FROM pragma_index_list($table, 'main') AS lists, pragma_index_info(lists.name, 'main') AS infos
            WHERE lists.partial = 0
            ORDER BY lists.name, infos.seqno
            """,
            row => (Index: row.GetString(0), Column: row.IsDBNull(1) ? "" : row.GetString(1)),
            ("$table", child));
        var rowid = connection.ReadRows("SELECT name FROM pragma_table_info($table, 'main') WHERE pk = 1 AND type = 'INTEGER' COLLATE NOCASE", row => row.GetString(0), ("$table", child));
        return indexes.GroupBy(row => row.Index).Any(index => columns.Contains(index.First().Column, StringComparer.OrdinalIgnoreCase))
            || (columns is [var one] && rowid.Contains(one, StringComparer.OrdinalIgnoreCase));
    }
}

/// <param name="KeyPosition">From 1 in the primary key; 0 outside of it.</param>
internal sealed record RowColumn(string Name, string DeclaredType, int KeyPosition);
