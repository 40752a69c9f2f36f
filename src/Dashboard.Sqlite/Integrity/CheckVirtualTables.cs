using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Maintenance;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Integrity;

/// <summary>
/// What SQLite's check of the whole leaves out. FTS5 compares an index with another table's rows only when it is told to (https://www.sqlite.org/fts5.html#the_integrity_check_command),
/// by a statement that writes, and the check of r-trees does not know geopoly. Both are asked of a twin among the temporary tables: the database itself is only read.
/// </summary>
internal static class CheckVirtualTables
{
    private static readonly string[] IndexParts = ["data", "idx", "docsize", "config"];

    public static StructureFindings Run(SqliteConnection connection, IReadOnlyList<VirtualTable> tables)
    {
        List<string> problems = [];
        List<string> searches = [];
        List<string> gaps = [];
        foreach (var table in tables)
        {
            try
            {
                if (table is { Module: "fts5", Content: { } content })
                {
                    CompareWithContent(connection, table, content);
                }
                else if (table.Module == "geopoly" && CheckGeopoly(connection, table.Name) is { } problem)
                {
                    problems.Add($"In geopoly {table.Name}: {problem}");
                }
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT && table.Content is not null)
            {
                searches.Add($"The full-text index {table.Name} does not fit the rows of {table.Content}, so a search misses some or finds wrong ones. Rebuild it: INSERT INTO {table.Name}({table.Name}) VALUES('rebuild').");
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                gaps.Add($"Could not check virtual table {table.Name}: {MissingPart.Of(error)?.ToString() ?? SqliteErrors.Said(error)}.");
            }
            catch (DatabaseException error)
            {
                gaps.Add($"Could not check virtual table {table.Name}: {error.Message}");
            }
        }

        return new StructureFindings(problems, searches, gaps);
    }

    /// <exception cref="SqliteException">SQLITE_CORRUPT when they differ.</exception>
    private static void CompareWithContent(SqliteConnection connection, VirtualTable table, string content)
    {
        var index = SqliteStatements.Quoted(table.Name);
        DemandSpace(connection, table.Name);
        var rowid = table.Option("content_rowid") ?? "rowid";
        var columns = connection.ReadRows("SELECT name FROM pragma_table_info($table, 'main')", row => row.GetString(0), ("$table", table.Name)).Prepend(rowid).Select(SqliteStatements.Quoted);
        try
        {
            connection.Execute($"CREATE TEMP VIEW {SqliteStatements.Quoted(content)} AS SELECT {string.Join(", ", columns.Select(column => $"{column} AS {column}"))} FROM main.{SqliteStatements.Quoted(content)}");
            connection.Execute($"CREATE VIRTUAL TABLE temp.{index} USING fts5({table.Arguments})");
            foreach (var part in IndexParts.Select(part => $"{table.Name}_{part}").Where(part => IsThere(connection, part)).Select(SqliteStatements.Quoted))
            {
                connection.Execute($"DELETE FROM temp.{part}");
                connection.Execute($"INSERT INTO temp.{part} SELECT * FROM main.{part}");
            }

            connection.Execute($"INSERT INTO temp.{index} ({index}, rank) VALUES ('integrity-check', 1)");
        }
        finally
        {
            Drop(connection, "TABLE", table.Name);
            Drop(connection, "VIEW", content);
        }
    }

    /// <summary>Null when it is sound.</summary>
    private static string? CheckGeopoly(SqliteConnection connection, string name)
    {
        try
        {
            // An r-tree of two dimensions, but for the columns of its own that geopoly shows.
            connection.Execute($"CREATE TEMP TABLE {SqliteStatements.Quoted(name)} (id, x0, x1, y0, y1)");
            foreach (var (part, columns) in new[] { ("node", "nodeno, data"), ("parent", "nodeno, parentnode"), ("rowid", "rowid, nodeno") })
            {
                var kept = SqliteStatements.Quoted($"{name}_{part}");
                connection.Execute($"CREATE TEMP VIEW {kept} AS SELECT {columns} FROM main.{kept}");
            }

            return connection.ReadText($"SELECT rtreecheck('temp', {SqliteStatements.Text(name)})") is var said && said == "ok" ? null : said.ReplaceLineEndings("; ");
        }
        finally
        {
            Drop(connection, "TABLE", name);
            foreach (var part in new[] { "node", "parent", "rowid" })
            {
                Drop(connection, "VIEW", $"{name}_{part}");
            }
        }
    }

    private static bool IsThere(SqliteConnection connection, string part) =>
        connection.ReadRows("SELECT 1 FROM temp.sqlite_schema WHERE name = $name UNION ALL SELECT 1 FROM main.sqlite_schema WHERE name = $name", row => row.GetInt64(0), ("$name", part)).Count == 2;

    /// <summary>Left behind, it would stand before the one of the database in each later question.</summary>
    private static void Drop(SqliteConnection connection, string kind, string name) =>
        raw.sqlite3_exec(connection.Handle!, $"DROP {kind} IF EXISTS temp.{SqliteStatements.Quoted(name)}");

    private static void DemandSpace(SqliteConnection connection, string name)
    {
        var needed = connection.ReadLong($"SELECT COALESCE(SUM(length(block)), 0) FROM main.{SqliteStatements.Quoted(name + "_data")}");
        var folder = TemporaryFiles.Folder();
        if (DiskSpace.FreeBytes(folder) is { } free && free < needed * 2)
        {
            throw new DatabaseException($"not enough room in {folder}: {Words.Bytes(needed * 2)} needed, {Words.Bytes(free)} free.");
        }
    }
}
